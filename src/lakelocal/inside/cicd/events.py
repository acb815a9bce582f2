"""What the developer services tell EventBridge's default bus."""

from __future__ import annotations

import json
import logging
from typing import Any

from lakelocal.inside.hook import Hook

HOOKS = (Hook("ministack.services.eventbridge", "_put_events", ("data", "allow_aws_source")),)
logger = logging.getLogger("lakelocal.cicd")


def emit(source: str, kind: str, detail: dict[str, Any], resource: str) -> None:
    """Put one event of an AWS service on the default bus; what goes wrong there is logged, never raised."""
    from ministack.services import eventbridge

    entry = {"Source": source, "DetailType": kind, "Detail": json.dumps(detail), "Resources": [resource]}
    try:
        eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)
    except Exception:
        logger.exception("the event %s of %s was lost", kind, resource)
