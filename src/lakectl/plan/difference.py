"""Where two values differ: the places, each with what stood there and what would."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

NOTHING = None
Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """One place; `before` or `after` is None where nothing stands."""

    path: Path
    before: Any
    after: Any

    @property
    def place(self) -> str:
        return ".".join(self.path)


def differences(before: Any, after: Any, path: Path = ()) -> Iterator[Difference]:
    """As deep as both have the same shape; a list whose length changes differs as a whole."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in dict.fromkeys([*before, *after]):
            yield from differences(before.get(name), after.get(name), (*path, str(name)))
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for number, (old, new) in enumerate(zip(before, after, strict=True)):
            yield from differences(old, new, (*path, str(number)))
    elif not _same(before, after):
        yield Difference(path, before, after)


def _same(before: Any, after: Any) -> bool:
    """CloudFormation takes numbers and truths as text, so that `1` is `"1"` and `true` is `"true"`."""
    if isinstance(before, str | int | float) and isinstance(after, str | int | float):
        return _text(before) == _text(after)
    return bool(before == after)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
