"""What AWS asks of a caller beyond the one check that MiniStack makes, read from the request."""

from __future__ import annotations

from collections.abc import Iterator

from lakelocal.inside import demanded_connections, demanded_items, demanded_keys, demanded_roles, demanded_tables
from lakelocal.inside.request import Demand, Request

HOOKS = (*demanded_keys.HOOKS, *demanded_items.HOOKS)


def further(request: Request, resource: str) -> Iterator[Demand]:
    """The demands beside the request's own action on its own resource."""
    yield from demanded_roles.of_request(request)
    yield from demanded_connections.of_request(request)
    if request.service == "s3":
        yield from demanded_keys.of_objects(request)
    elif request.service == "sqs":
        yield from demanded_keys.of_queues(request, resource)
    elif request.service == "glue":
        yield from demanded_tables.of_catalog(request)
    elif request.service == "dynamodb" and request.action.startswith("dynamodb:PartiQL"):
        for statement, values in demanded_items.statements(request)[1:]:
            yield demanded_items.statement_demand(request, statement, values)
