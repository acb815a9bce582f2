"""One wrong use of a verb: what is typed, where, and what must be answered."""

from __future__ import annotations

from dataclasses import dataclass

from unit.lakectl.wrong import place


@dataclass(frozen=True, slots=True)
class Use:
    """`typed` as in a shell, without `lake`; each of `says` stands in the answer, spaces of any length being one.

    `code`: 1 it failed and says why, 2 wrong usage, 130 interrupted.
    """

    typed: str
    code: int
    says: tuple[str, ...]
    at: place.Place


def use(typed: str, code: int, *says: str, at: place.Place = place.project) -> Use:
    return Use(typed, code, says, at)
