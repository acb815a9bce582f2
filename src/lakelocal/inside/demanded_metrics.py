"""What a request to CloudWatch names that conditions of a policy ask for.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html
"""

from __future__ import annotations

import json
from typing import Any

from lakelocal.inside.request import Request


def conditions(request: Request) -> dict[str, Any]:
    """`cloudwatch:namespace` of the metrics that are written."""
    if request.action != "cloudwatch:PutMetricData":
        return {}
    namespace = _document(request).get("Namespace") or request.parameter("Namespace")
    return {"cloudwatch:namespace": str(namespace)} if namespace else {}


def _document(request: Request) -> dict[str, Any]:
    """The body in whichever of its protocols an SDK speaks: CBOR, JSON, or none for a form."""
    kind = request.headers.get("content-type", "")
    if "cbor" in kind:
        import cbor2

        return dict(cbor2.loads(request.body) or {})
    return dict(json.loads(request.body or b"{}")) if "json" in kind else {}
