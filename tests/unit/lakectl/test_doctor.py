"""What `lake doctor` sees: a machine, an installation, an account; what it says of each that is not right."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from lakectl.doctor import account, install, local, machine
from lakectl.doctor.check import Check
from lakectl.specs.load import load_lake
from lakectl.specs.network import Network
from lakectl.target import Target, aimed
from unit.lakectl.conftest import Say
from unit.specs.project import change, write_project

MOTO = "123456789012"
"""The account that moto plays, and that the project on disk names."""


def of(checks: Iterator[Check]) -> dict[str, Check]:
    return {one.name: one for one in checks}


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        yield


def test_this_machine_can_do_it() -> None:
    found = of(machine.look(Path(__file__).parents[3]))
    assert [one for one in found.values() if one.state == "mend"] == []
    assert found["system"].found == "Linux x86_64"


def test_an_installation_that_lacks_something_says_what(tmp_path: Path) -> None:
    root = installation(tmp_path)
    (root / ".lake/glue/right-1.0.dist-info/METADATA").write_text("Metadata-Version: 2.1\nName: right\nVersion: 0.9\n")
    (root / ".lake/jars/one-1.jar").write_bytes(b"another")
    found = of(install.look(root))
    assert found["stage-a"].state == "ok"
    assert (found["glue"].state, found["glue"].found) == ("mend", "right 0.9, not 1.0")
    assert found["glue"].fix == "rm -f .lake/stamps/glue; make setup"
    assert found["cloud"].found == f"{install.PLACES['cloud'].format(python=f'python{python()}')} is missing"
    assert "one-1.jar is another file" in found["jars"].found


def test_credentials_of_another_account_end_the_questions(tmp_path: Path, credentials: None) -> None:
    root = write_project(tmp_path)
    change(root, "lake.yaml", MOTO, "999999999999")
    found = looked(root)
    assert list(found) == ["credentials"]
    assert found["credentials"].state == "mend"
    assert "lake.yaml says 999999999999 for dev" in found["credentials"].fix


@pytest.mark.parametrize(("endpoint", "state"), [(None, "mend"), ("http://127.0.0.1:1", "note")])
def test_too_small_a_quota_is_to_be_mended_on_aws(endpoint: str | None, state: str) -> None:
    target = Target(Path(), "lake", "dev", MOTO, "eu-west-1", endpoint, boto3.Session())
    found = account._enough(target, "stacks", 3, 20, "CloudFormation, Stack count")
    assert (found.state, found.found) == (state, "3 there, 20 wanted")


def test_the_workers_of_a_run_have_addresses() -> None:
    lake = load_lake(Path(__file__).parents[3])
    assert account.addresses(lake, Network(cidr="10.20.0.0/24")).state == "ok"


def test_more_workers_than_addresses_are_to_be_mended(tmp_path: Path) -> None:
    root = write_project(tmp_path)
    change(root, "pipelines/standard.yaml", "{stage: b}", "{stage: b, most_workers: 299}")
    found = account.addresses(load_lake(root), Network(cidr="10.20.0.0/24"))
    assert (found.state, found.found) == ("mend", "115 in a subnet, 299 workers")


def test_an_account_is_asked_whether_it_takes_another_network(credentials: None) -> None:
    target = Target(Path(), "lake", "dev", MOTO, "eu-west-1", None, boto3.Session(region_name="eu-west-1"))
    found = account._networks(target)
    assert (found.state, found.found) == ("ok", "4 there, 1 wanted"), "a region has five, and one is there already"
    for number in range(5):
        target.client("ec2").create_vpc(CidrBlock=f"10.{number}.0.0/20")
    assert account._networks(target).state == "mend"


def test_the_fidelity_table_names_every_type_once() -> None:
    rows = [row["what"] for row in local.table()]
    assert len(rows) == len(set(rows))
    assert {"AWS::S3::Bucket", "athena"} <= set(rows)


def test_a_project_without_an_installation_exits_with_one(tmp_path: Path, lake_says: Say, credentials: None) -> None:
    root = write_project(tmp_path)
    write_requirements(root)
    change(root, "lake.yaml", MOTO, "999999999999")
    found = lake_says("doctor", "--json", at=root)
    assert found.code == 1
    assert '"good": false' in found.text


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["doctor", "--env", "live"], 1, "lake.yaml has no environment 'live'. Known: dev."),
        (["doctor", "--env", "de"], 1, "Did you mean 'dev'?"),
        (["doctor", "--fidelty"], 2, "No such option: --fidelty"),
        (["doctor", "now"], 2, "unexpected extra argument"),
        (["doctor", "--env"], 2, "requires an argument"),
        (["docter"], 2, "No such command 'docter'"),
    ],
)
def test_a_wrong_word_is_answered(words: list[str], code: int, said: str, tmp_path: Path, lake_says: Say) -> None:
    found = lake_says(*words, at=write_project(tmp_path))
    assert (found.code, said in found.text) == (code, True), found.text


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("domain: lake", "domain: The Lake", "lake.yaml:2"),
        ("account:", "acount:", "acount"),
        ('"123456789012"', '"12"', "'12' is not the number of an AWS account"),
        ("region: eu-west-1", "region: europe", "'europe' is not a region"),
    ],
)
def test_a_broken_lake_yaml_is_shown_with_its_line(
    old: str, new: str, said: str, tmp_path: Path, lake_says: Say
) -> None:
    root = write_project(tmp_path)
    change(root, "lake.yaml", old, new)
    found = lake_says("doctor", at=root)
    assert (found.code, said in found.text) == (1, True), found.text


def looked(root: Path) -> dict[str, Check]:
    return of(account.look(aimed(root, None), load_lake(root)))


def python() -> str:
    import sys

    return f"{sys.version_info[0]}.{sys.version_info[1]}"


def write_requirements(root: Path) -> None:
    folder = root / "requirements"
    folder.mkdir()
    for name in install.PLACES:
        (folder / f"{name}.txt").write_text("right==1.0\n")
    digest = hashlib.sha256(b"one").hexdigest()
    (folder / "jars.txt").write_text(f"example:one:1 {digest}\n")


def installation(root: Path) -> Path:
    """Two of the environments and the jar, as they should be."""
    write_requirements(root)
    for name in ("stage-a", "glue"):
        about: Any = root / install.PLACES[name] / "right-1.0.dist-info"
        about.mkdir(parents=True)
        (about / "METADATA").write_text("Metadata-Version: 2.1\nName: right\nVersion: 1.0\n")
    (root / ".lake/jars").mkdir(parents=True)
    (root / ".lake/jars/one-1.jar").write_bytes(b"one")
    return root
