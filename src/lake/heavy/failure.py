"""What really went wrong: Spark wraps the reason in other errors, some of which do not show it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

DENIED = re.compile(r"AccessDenied|Access Denied|not authorized to perform|Forbidden|Status Code: 403")
ACTION = re.compile(r"not authorized to perform:? \[?([a-z0-9-]+:[A-Za-z]+)")
MOST_CAUSES = 20
MOST_CHARACTERS = 2000


def explained(error: BaseException) -> str:
    """One message: the error by its name, and before it the denial of access that caused it, if one did."""
    causes = list(causes_of(error))
    denied = next((cause for cause in reversed(causes) if DENIED.search(cause)), "")
    first = causes[0][:MOST_CHARACTERS]
    if not denied:
        return first
    action = ACTION.search(denied)
    named = f"AccessDenied on {action[1]}: " if action else "AccessDenied: "
    return f"{named}{denied[:MOST_CHARACTERS]}" + ("" if denied in first else f" (raised as {first[:300]})")


def causes_of(error: BaseException) -> Iterator[str]:
    """`class: message` of the error and of all that it was caused by, in Python and in Java, outermost first."""
    yield f"{type(error).__name__}: {error}"
    java = getattr(error, "java_exception", None) or getattr(error, "_origin", None)
    if java is not None:
        yield from _java_causes(java)
    if error.__cause__ is not None:
        yield from causes_of(error.__cause__)


def _java_causes(throwable: Any) -> Iterator[str]:
    for _ in range(MOST_CAUSES):
        if throwable is None:
            return
        yield f"{throwable.getClass().getSimpleName()}: {throwable.getMessage()}"
        throwable = throwable.getCause()
