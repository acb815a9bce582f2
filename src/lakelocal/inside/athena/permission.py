"""Which work group a request is about: IAM is asked about it, as on AWS, even where the request does not name it."""

from __future__ import annotations

from lakelocal.inside.request import Request


def resource(request: Request) -> str | None:
    """The ARN of the work group of a request, also if it names a query by its number alone."""
    found = _work_group(request)
    return f"arn:aws:athena:{request.region}:{request.account}:workgroup/{found}" if found else None


def _work_group(request: Request) -> str | None:
    from ministack.services import athena

    given = request.json()
    if given.get("WorkGroup"):
        return str(given["WorkGroup"])
    action = request.headers.get("x-amz-target", "").rpartition(".")[2]
    if action in ("StartQueryExecution", "ListQueryExecutions"):
        return "primary"
    if action == "CreateWorkGroup":
        return str(given.get("Name") or "") or None
    numbers = given.get("QueryExecutionIds") or [given.get("QueryExecutionId")]
    found = athena._executions.get_scoped(request.account, request.region, numbers[0]) if numbers else None
    return found["WorkGroup"] if found else None
