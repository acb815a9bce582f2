"""What a buildspec may say, and what is refused by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from lakelocal.inside.cicd import build_files
from lakelocal.inside.cicd.buildspec import Artifacts, WrongBuildspec, read

ROOT = Path(__file__).resolve().parents[2]
OURS = [ROOT / "buildspec.yml", *sorted((ROOT / "templates/cicd").glob("*.buildspec.yml"))]


@pytest.mark.parametrize("file", OURS, ids=lambda file: file.name)
def test_our_own_are_read_and_call_make_and_lake_alone(file: Path) -> None:
    spec = read(file.read_text())
    commands = [command for phase in spec.phases.values() for command in phase.commands]
    assert commands
    assert all(command.startswith(("make ", ".venv/bin/python -m lakectl.main ")) for command in commands)


def test_the_artifact_of_a_check_holds_the_bill_of_materials(tmp_path: Path) -> None:
    spec = read((ROOT / "buildspec.yml").read_text())
    assert spec.phases["build"].commands[-1].endswith(" sbom > sbom.cdx.json")
    (tmp_path / "sbom.cdx.json").write_text("{}")
    assert build_files.chosen(tmp_path, spec.artifacts) == ["sbom.cdx.json"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("version: 0.1", "version: 0.2"),
        ("version: 0.2\nbatch: {}", "the buildspec has batch"),
        ("version: 0.2\nenv: {secrets-manager: {A: b}}", "env has secrets-manager"),
        ("version: 0.2\nenv: {shell: powershell.exe}", "env.shell is powershell.exe"),
        ("version: 0.2\nphases: {test: {}}", "phases has test"),
        ("version: 0.2\nphases: {build: {on-failure: RETRY}}", "on-failure is RETRY"),
        ("version: 0.2\nreports: {r: {files: [a], file-format: CUCUMBERJSON}}", "CUCUMBERJSON"),
        ("version: [", "no YAML"),
    ],
)
def test_what_is_not_done_is_refused_by_name(text: str, said: str) -> None:
    with pytest.raises(WrongBuildspec) as refused:
        read(text)
    assert said in str(refused.value)


def test_artifacts_are_chosen_by_patterns_and_links_to_folders_stay_behind(tmp_path: Path) -> None:
    for name in ("a.txt", "out/b.txt", "out/deep/c.txt", ".lake/d.txt", ".git/e"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("1")
    (tmp_path / ".venv").symlink_to(tmp_path / "out")
    everything = Artifacts(files=("**/*",), exclude=(".lake/**/*",))
    assert build_files.chosen(tmp_path, everything) == ["a.txt", "out/b.txt", "out/deep/c.txt"]
    assert build_files.chosen(tmp_path, Artifacts(files=("*.txt",))) == ["a.txt"]
    assert build_files.chosen(tmp_path, Artifacts(files=("out/**/*",))) == ["out/b.txt", "out/deep/c.txt"]
    assert build_files.chosen(tmp_path, Artifacts(files=("**/*",), base="out")) == ["b.txt", "deep/c.txt"]


def test_a_file_stays_executable_on_its_way(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("#!/bin/sh\n")
    (tmp_path / "run").chmod(0o755)
    build_files.unpack(build_files.pack(tmp_path, ["run"]), tmp_path / "there")
    assert (tmp_path / "there/run").stat().st_mode & 0o111 == 0o111
