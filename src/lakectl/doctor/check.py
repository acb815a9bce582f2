"""One thing that was looked at: how it is, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "note", "mend"]
"""`note`: worth knowing, and nothing fails of it. `mend`: something fails until it is mended."""


@dataclass(frozen=True, slots=True)
class Check:
    """`found` says what is there, `fix` the next step where something is to be done."""

    topic: str
    name: str
    state: State
    found: str
    fix: str = ""


def judged(topic: str, name: str, good: bool, found: str, fix: str) -> Check:
    """Good, or to be mended by `fix`."""
    return Check(topic, name, "ok" if good else "mend", found, "" if good else fix)


def noted(topic: str, name: str, good: bool, found: str, fix: str) -> Check:
    """Good, or worth knowing."""
    return Check(topic, name, "ok" if good else "note", found, "" if good else fix)
