"""What the developer services tell EventBridge's default bus."""

from __future__ import annotations

import json
import logging
import time
from typing import Any

from lakelocal.inside.hook import Hook

HOOKS = (Hook("ministack.services.eventbridge", "_put_events", ("data", "allow_aws_source")),)
ATTEMPTS, PAUSE = 4, 0.05
logger = logging.getLogger("lakelocal.cicd")


def emit(source: str, kind: str, detail: dict[str, Any], resource: str) -> str:
    """Put one event of an AWS service on the default bus, at least once.

    Never raises: what the event tells has happened. Returns "", or how the event was lost: no rule will hear of it, so
    say that where a person looks.
    """
    from ministack.services import eventbridge

    entry = {"Source": source, "DetailType": kind, "Detail": json.dumps(detail), "Resources": [resource]}
    for attempt in range(1, ATTEMPTS + 1):
        try:
            eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)
        except Exception as error:  # whatever goes wrong in a rule or a target, a rule that comes meanwhile among it
            lost = f"No rule hears of {kind!r}: {type(error).__name__}: {error}"
            logger.exception("attempt %d of %d to tell of %s", attempt, ATTEMPTS, resource)
            time.sleep(PAUSE * attempt)
        else:
            return ""
    return lost
