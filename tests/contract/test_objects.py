"""Objects: pinned versions in, our own files out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from contract.conftest import Place
from lake.core.arrival import Arrival
from lake.gateways.objects import Gone, MemoryObjects, Objects, S3Objects
from unit.example import START, arrival

ODD = "aviation/a b+c%41/é😀'\"..//\\x.csv"


class Producer:
    """Puts objects as an outsider does, and knows their versions."""

    def __init__(self, place: Place, objects: Objects) -> None:
        self.objects = objects
        self.s3 = None if place.name == "memory" else place.client("s3")
        self.bucket = "bucket" if place.name == "memory" else place.bucket()
        self.count = 0

    def put(self, key: str, content: bytes) -> Arrival:
        self.count += 1
        one = arrival(key, self.count, bucket=self.bucket, size=len(content))
        if self.s3 is None:
            assert isinstance(self.objects, MemoryObjects)
            self.objects.put(self.bucket, key, one.version, content, START)
            return one
        answer = self.s3.put_object(Bucket=self.bucket, Key=key, Body=content)
        return replace(one, version=answer["VersionId"], etag=answer["ETag"].strip('"'))

    def delete(self, key: str) -> None:
        if self.s3 is None:
            assert isinstance(self.objects, MemoryObjects)
            self.objects.put(self.bucket, key, "marker", b"", START, deleted=True)
        else:
            self.s3.delete_object(Bucket=self.bucket, Key=key)

    def erase(self, one: Arrival) -> None:
        if self.s3 is None:
            assert isinstance(self.objects, MemoryObjects)
            self.objects.erase(self.bucket, one.key, one.version)
        else:
            self.s3.delete_object(Bucket=self.bucket, Key=one.key, VersionId=one.version)


@pytest.fixture
def objects(place: Place) -> Objects:
    return MemoryObjects() if place.name == "memory" else S3Objects(place.client("s3"))


@pytest.fixture
def producer(place: Place, objects: Objects) -> Producer:
    return Producer(place, objects)


@pytest.mark.parametrize("key", ["a.csv", ODD])
def test_exactly_the_announced_version_is_fetched(objects: Objects, producer: Producer, tmp_path: Path, key: str):
    first, second = producer.put(key, b"one"), producer.put(key, b"two")
    producer.delete(key)
    for one, content in ((first, b"one"), (second, b"two")):
        objects.fetch(one, tmp_path / "file")
        assert (tmp_path / "file").read_bytes() == content


def test_an_erased_version_is_gone(objects: Objects, producer: Producer, tmp_path: Path):
    first = producer.put("a.csv", b"one")
    producer.put("a.csv", b"two")
    producer.erase(first)
    with pytest.raises(Gone, match=r"a\.csv version"):
        objects.fetch(first, tmp_path / "file")
    with pytest.raises(Gone):
        objects.fetch(replace(first, key="never.csv"), tmp_path / "file")


def test_an_object_is_created_once(objects: Objects, producer: Producer):
    assert objects.create(producer.bucket, "run/list.json", b"[1]")
    assert not objects.create(producer.bucket, "run/list.json", b"[2]")
    assert objects.read(producer.bucket, "run/list.json") == b"[1]"
    objects.write(producer.bucket, "run/list.json", b"[3]")
    assert objects.read(producer.bucket, "run/list.json") == b"[3]"


def test_a_file_is_stored_whole(objects: Objects, producer: Producer, tmp_path: Path):
    (tmp_path / "file").write_bytes(bytes(range(256)) * 1000)
    objects.store(producer.bucket, "staged/x.parquet", tmp_path / "file")
    assert objects.read(producer.bucket, "staged/x.parquet") == bytes(range(256)) * 1000


def test_what_is_not_there_is_gone(objects: Objects, producer: Producer):
    producer.put("a.csv", b"one")
    producer.delete("a.csv")
    for key in ("a.csv", "never.csv"):
        with pytest.raises(Gone, match=key):
            objects.read(producer.bucket, key)


def test_all_versions_under_a_prefix_are_listed(objects: Objects, producer: Producer):
    first, second = producer.put("in/a.csv", b"one"), producer.put("in/a.csv", b"three")
    producer.put("out/a.csv", b"")
    producer.delete("in/a.csv")
    found = list(objects.versions(producer.bucket, "in/"))
    assert {(one.key, one.version, one.size) for one in found if not one.deleted} == {
        ("in/a.csv", first.version, 3),
        ("in/a.csv", second.version, 5),
    }
    assert [one.newest for one in found if one.deleted] == [True]
