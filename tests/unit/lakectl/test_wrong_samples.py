"""`lake test`, used wrongly: each mistake is answered with what, where and what to do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from lakectl.compile import compile_lake
from lakectl.samples.check import Outcome, check
from unit.lakectl.conftest import Say
from unit.specs.project import write, write_project

SHIPS = "datasets/sea/ships/sample"
CALLS = "datasets/sea/calls/sample"
GOOD = {
    f"{SHIPS}/ships.csv": "imo,name,built\n1,Ann,2001-01-01\n",
    f"{SHIPS}/expected.csv": "imo,name,built\n1,Ann,2001-01-01\n",
}
WRONG_SAMPLES: list[tuple[str, dict[str, str], str]] = [
    ("expected.csv is missing", {f"{SHIPS}/expected.csv": ""}, f"{SHIPS}/expected.csv:1: the header lacks imo"),
    ("another header", {f"{SHIPS}/expected.csv": "imo,title,built\n"}, "lacks name and has 'title'"),
    ("another order", {f"{SHIPS}/expected.csv": "name,imo,built\n"}, "names the columns in another order"),
    ("too few cells", {f"{SHIPS}/expected.csv": "imo,name,built\n1,Ann\n"}, "expected.csv:2: 2 cells"),
    ("an open quote", {f"{SHIPS}/expected.csv": 'imo,name,built\n1,"Ann\n'}, "is no CSV file in UTF-8"),
    ("two files", {f"{SHIPS}/more.csv": "imo\n"}, "holds 2 files to drop (more.csv, ships.csv)"),
    ("a file without its header", {f"{SHIPS}/ships.csv": "1,Ann\n"}, "would be rejected as a whole: HEADER"),
]


def write_all(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        write(root, name, text)


def outcome(root: Path, name: str) -> Outcome:
    every = compile_lake(root, "dev")
    (found,) = check(root, [one for one in every if one.name == name], every)
    return found


@pytest.mark.parametrize(("files", "said"), [row[1:] for row in WRONG_SAMPLES], ids=[row[0] for row in WRONG_SAMPLES])
def test_a_wrong_sample_is_named_with_its_place(files: dict[str, str], said: str, tmp_path: Path) -> None:
    root = write_project(tmp_path)
    write_all(root, GOOD | files)
    found = outcome(root, "sea.ships")
    assert not found.good
    assert said in found.error


@pytest.mark.parametrize(
    ("remove", "name", "said"),
    [
        (f"{SHIPS}/ships.csv", "sea.ships", "holds no file to drop"),
        (f"{SHIPS}/expected.csv", "sea.ships", f"{SHIPS}/expected.csv is missing. Write its columns"),
        ("", "sea.calls", f"{CALLS}/expected.csv is missing"),
    ],
)
def test_a_sample_that_lacks_a_file_says_which(remove: str, name: str, said: str, tmp_path: Path) -> None:
    root = write_project(tmp_path)
    write_all(root, GOOD)
    if remove:
        (root / remove).unlink()
    assert said in outcome(root, name).error


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["test", "sea.ship"], 1, "'sea.ship' is not a dataset. Did you mean 'sea.ships'?"),
        (["test", "--env", "live"], 1, "lake.yaml has no environment 'live'. Known: dev."),
        (["test", "--fast"], 2, "No such option: --fast"),
    ],
)
def test_a_wrong_word_is_answered(words: list[str], code: int, said: str, tmp_path: Path, lake_says: Say) -> None:
    found = lake_says(*words, at=write_project(tmp_path))
    assert (found.code, said in found.text) == (code, True), found.text


def test_outside_a_repository_it_says_so(lake_says: Callable[..., object]) -> None:
    assert "No lake.yaml" in str(lake_says("test"))


def test_without_sparks_environment_it_says_what_to_run(tmp_path: Path) -> None:
    from lakectl.failure import Failure

    root = write_project(tmp_path)
    write_all(root, GOOD)
    with pytest.raises(Failure, match="run `make setup`"):
        outcome(root, "sea.ships")
