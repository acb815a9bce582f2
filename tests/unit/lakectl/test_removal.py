"""`lake destroy` and `lake local logs`, used wrongly: what is there is listed, the nearest word is given."""

from __future__ import annotations

from pathlib import Path

import pytest

from lakectl import kept, logs, removal
from lakectl.failure import Failure
from lakectl.kept import Kept
from lakectl.logs import Log
from unit.lakectl.conftest import Say
from unit.specs.project import change, write_project

RAW = Kept("RawBucket", "AWS::S3::Bucket", "lake-dev-1-raw")
STAGE = Kept("StageBucket", "AWS::S3::Bucket", "lake-dev-1-stage")
KEY = Kept("PlatformKey", "AWS::KMS::Key", "k-1")
TABLES = Kept("Database", "AWS::Glue::Database", "lake_dev_sea")
KNOWN = [Log(name, f"/lake/lake/dev/{name}") for name in ("air/stage-a", "platform/route", "sea/gather", "sea/stage-a")]


def test_one_name_stands_for_all_that_belongs_together() -> None:
    assert removal.names_in("raw, analytics,raw") == ["raw", "analytics"]
    assert {removal.name_of(one) for one in (TABLES, Kept("AnalyticsBucket", "AWS::S3::Bucket", "b"))} == {"analytics"}


def test_everything_that_is_ever_retained_has_a_name_and_can_be_taken_over() -> None:
    from lakectl.lint.project import read_project

    # the pipelines' own stacks are none of an environment's, so `lake destroy` never meets them
    rooms = read_project(Path(__file__).parents[3]).below("foundations/", "team/", "pipelines/", "datasets/")
    retained = [
        one
        for template in rooms.templates
        for one in template.resources.values()
        if str(one.attributes.get("DeletionPolicy", "")).startswith("Retain")
    ]
    assert len(retained) >= 11
    for one in retained:
        assert one.type in kept.IDENTIFIER
        assert removal.name_of(Kept(one.name, one.type, "x")) in removal.DATA, one.name


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rwa", "'rwa' names no data. Did you mean 'raw'?"),
        ("raw,ledgers", "'ledgers' names no data. Did you mean 'ledger'?"),
        ("all", "'all' names no data. Known: analytics, artifacts, audit, keys"),
        (",", "--remove-data names nothing. Known: analytics"),
    ],
)
def test_data_that_is_not_known_is_refused(text: str, said: str) -> None:
    with pytest.raises(Failure) as refused:
        removal.names_in(text)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("names", "there", "said"),
    [
        (["raw"], [STAGE], "There is no 'raw' to remove: none of these stacks keeps it. They keep: stage."),
        (["raw"], [], "They keep nothing."),
        (["keys"], [KEY, RAW, STAGE], "nobody could read raw, stage any more"),
        (["keys", "raw"], [KEY, RAW, STAGE], "--remove-data keys,raw,stage"),
    ],
)
def test_data_that_is_not_there_or_still_needed_is_refused(names: list[str], there: list[Kept], said: str) -> None:
    with pytest.raises(Failure) as refused:
        removal.check(names, there)
    assert said in str(refused.value)


@pytest.mark.parametrize(("name", "group"), [("route", "platform/route"), ("sea/stage-a", "sea/stage-a")])
def test_a_log_is_found_by_its_name_or_its_end(name: str, group: str) -> None:
    assert logs.find(name, KNOWN, "dev").name == group


@pytest.mark.parametrize(
    ("name", "known", "said"),
    [
        ("stage-a", KNOWN, "'stage-a' may be air/stage-a or sea/stage-a. Name one of them."),
        ("stage-aa", KNOWN, "dev has no log 'stage-aa'. Did you mean 'sea/stage-a'?"),
        ("rout", KNOWN, "Did you mean 'platform/route'?"),
        ("sea/gathr", KNOWN, "Did you mean 'sea/gather'?"),
        ("xyz", KNOWN, "Known: air/stage-a, platform/route, sea/gather, sea/stage-a."),
        ("/", KNOWN, "dev has no log '/'. Known:"),
        ("route", [], "dev has no logs: nothing is deployed. Run `lake deploy` first."),
    ],
)
def test_a_log_that_is_not_there_is_answered_by_what_is(name: str, known: list[Log], said: str) -> None:
    with pytest.raises(Failure) as refused:
        logs.find(name, known, "dev")
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["local", "logs", "--follow"], 2, "it follows one log: give its name"),
        (["local", "logs", "route", "--follow", "--json"], 2, "it never ends"),
        (["local", "logs", "route", "--since", "an hour"], 2, "'an hour' is not a duration. Write it like '5 minutes'"),
        (["local", "logs", "route", "--since", "5 parsecs"], 2, "'parsecs' is not a unit of time"),
        (["local", "logs", "route", "--since", "0 minutes"], 2, "a duration must be longer than nothing"),
        (["local", "logs", "route", "gather"], 2, "unexpected extra argument"),
        (["local", "logs", "--env", "live"], 1, "lake.yaml has no environment 'live'. Known: dev."),
        (["local", "logs"], 1, "Start it: lake local up"),
        (["destroy", "--remove-data", "rwa"], 1, "Did you mean 'raw'?"),
        (["destroy", "--remove-data"], 2, "requires an argument"),
        (["destroy", "--env", "live"], 1, "lake.yaml has no environment 'live'. Known: dev."),
        (["destroy", "--force"], 2, "No such option: --force"),
        (["destroy"], 1, "Start it: lake local up"),
    ],
)
def test_a_wrong_word_is_answered(words: list[str], code: int, said: str, tmp_path: Path, lake_says: Say) -> None:
    root = write_project(tmp_path)
    change(root, "lake.yaml", "123456789012", "000000000000")
    found = lake_says(*words, at=root)
    assert (found.code, said in found.text) == (code, True), found.text


@pytest.mark.parametrize("words", [["destroy"], ["local", "logs"]], ids=" ".join)
def test_outside_a_repository_it_says_so(words: list[str], lake_says: Say) -> None:
    assert "No lake.yaml in" in lake_says(*words).text
