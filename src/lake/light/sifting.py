"""A slice of JSON lines without those that DuckDB would not read as one line of as many pieces as the others."""

from __future__ import annotations

from pathlib import Path

from lake.light.template import Template

CHUNK = 1 << 20
NOT_PLAIN = b"{}\n"
"""Stands where a line was taken out, so that the others keep their numbers."""


class Odd(Exception):
    """Lines are not records: some are blank, or a carriage return ends one. The object must be read line by line."""


def sifted(path: Path, template: Template, longest: int) -> Path:
    r"""A copy of the slice in which each line ends with \n. Raises Odd."""
    copy = path.with_suffix(".sifted")
    with path.open("rb") as lines, copy.open("wb") as out:
        for line in lines:
            text = line.removesuffix(b"\n").removesuffix(b"\r")
            if b"\r" in text or not text.strip():
                raise Odd
            out.write(text + b"\n" if len(line) <= longest and _may_be_plain(text, template) else NOT_PLAIN)
    return copy


def _may_be_plain(text: bytes, template: Template) -> bool:
    if b"\0" in text or text.count(template.delimiter.encode()) >= len(template.columns):
        return False
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def has_blank_lines(path: Path) -> bool:
    """Whether a line is empty, which DuckDB passes over."""
    last = b"\n"
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            if b"\n\n" in last + chunk:
                return True
            last = chunk[-1:]
    return False
