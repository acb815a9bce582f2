"""The Dockerfile that SAM writes: four forms of line, each done with files; any other line is refused."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from lakelocal.engine.refusal import Refused

ADD = re.compile(r"ADD (?P<source>\S+) (?P<target>\S+)")
MOVE = re.compile(r"RUN mv (?P<source>\S+) (?P<target>\S+) && chmod \+x (?P=target)")
MERGE = re.compile(r"RUN cp -rf (?P<source>\S+)/\. (?P<target>\S+)/ && rm -rf (?P=source)")


def base_of(lines: Sequence[str]) -> str:
    """The image that the first line names. Raises Refused."""
    first = next((line.strip() for line in lines if line.strip()), "")
    if not first.startswith("FROM "):
        raise Refused(400, f"A Dockerfile begins with FROM, this one with {first!r}.")
    return first.removeprefix("FROM ").strip()


def followed(lines: Sequence[str], context: Path, files: Path) -> Iterator[str]:
    """Do what each line after FROM says, inside `files`; tells each line once done. Raises Refused."""
    (files / "opt").mkdir(parents=True)
    steps = [(number, line.strip()) for number, line in enumerate(lines, 1) if line.strip()]
    for number, line in steps[1:]:
        if found := ADD.fullmatch(line):
            _add(context / found["source"].lstrip("/"), _inside(files, found["target"]))
        elif found := MOVE.fullmatch(line):
            target = _inside(files, found["target"])
            _inside(files, found["source"]).rename(target)
            target.chmod(0o755)
        elif found := MERGE.fullmatch(line):
            source = _inside(files, found["source"])
            shutil.copytree(source, _inside(files, found["target"]), dirs_exist_ok=True, symlinks=True)
            shutil.rmtree(source)
        else:
            raise Refused(400, f"This engine cannot do line {number} of the Dockerfile: {line}")
        yield line


def _add(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True, symlinks=True)
    else:
        target.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, target)


def _inside(files: Path, path: str) -> Path:
    target = (files / path.lstrip("/")).resolve()
    if files.resolve() not in (target, *target.parents):
        raise Refused(400, f"The Dockerfile names {path}, which lies outside of the image.")
    return target
