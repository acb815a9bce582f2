"""One structured line for each decision; never data."""

from __future__ import annotations

import logging

_log = logging.getLogger("lake")


def notice(decision: str, **facts: object) -> None:
    """Say what was decided, and about which thing."""
    _log.info(decision, extra={"facts": facts})


def warn(trouble: str, **facts: object) -> None:
    """Say what could not be done; somebody may have to look."""
    _log.warning(trouble, extra={"facts": facts})
