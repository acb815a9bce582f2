"""Which work group a request is about: IAM is asked about it, as on AWS, even where the request does not name it."""

from __future__ import annotations

import json
from typing import Any


def install() -> None:
    """Give IAM the work group of a query that is named by its number."""
    from ministack.core import iam_actions

    before = iam_actions.extract_resource_arn

    def extract_resource_arn(
        service: str,
        method: str,
        path: str,
        headers: dict[str, str],
        body: bytes,
        query_params: dict[str, Any],
        region: str,
        account_id: str,
    ) -> str:
        found = _work_group(headers, body, region, account_id) if service == "athena" else None
        if found:
            return f"arn:aws:athena:{region}:{account_id}:workgroup/{found}"
        return str(before(service, method, path, headers, body, query_params, region, account_id))

    iam_actions.extract_resource_arn = extract_resource_arn


def _work_group(headers: dict[str, str], body: bytes, region: str, account: str) -> str | None:
    from ministack.services import athena

    try:
        given = json.loads(body or b"{}")
    except ValueError:
        return None
    if not isinstance(given, dict):
        return None
    if given.get("WorkGroup"):
        return str(given["WorkGroup"])
    action = headers.get("x-amz-target", "").rpartition(".")[2]
    if action in ("StartQueryExecution", "ListQueryExecutions"):
        return "primary"
    if action == "CreateWorkGroup":
        return str(given.get("Name") or "") or None
    numbers = given.get("QueryExecutionIds") or [given.get("QueryExecutionId")]
    found = athena._executions.get_scoped(account, region, numbers[0]) if numbers else None
    return found["WorkGroup"] if found else None
