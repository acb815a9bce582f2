"""Athena on the laptop: Trino's SQL over the Glue catalog, run by DuckDB with the caller's own permissions."""

from __future__ import annotations

import time

from lakelocal.inside.door import Host, register_service
from lakelocal.inside.hook import Hook

HOOKS = (
    Hook("ministack.services.athena", "_executions"),
    Hook("ministack.services.athena", "_workgroups"),
    Hook("ministack.services.athena", "_prepared_statements"),
    Hook("ministack.services.athena", "_ensure_default_workgroup", ()),
    Hook("ministack.services.athena", "_parse_ddl", ("query",)),
    Hook("ministack.services.athena", "_create_table_input", ("ddl",)),
    Hook("ministack.services.athena", "_CreateTable"),
    Hook("ministack.core.iam_evaluator", "resolve_credential", ("access_key_id", "account_id", "session_token")),
    Hook("ministack.core.iam_evaluator", "CredentialResolutionError"),
    Hook("ministack.core.responses", "get_account_id", ()),
    Hook("ministack.core.responses", "get_region", ()),
    Hook("ministack.core.router", "extract_access_key_id", ("headers", "query_params")),
)
INTERRUPTED = "GENERIC_INTERNAL_ERROR: Query was interrupted by a restart of the local cloud"


def install(host: Host) -> None:
    """Put our engine behind the API; work groups and the rest stay MiniStack's."""
    from ministack import app

    from lakelocal.inside.athena.api import Api

    api = Api(host, app.SERVICE_HANDLERS["athena"])
    register_service("athena", api.handle_request, replaces=True)
    installed = time.time()
    host.on_ready(lambda: _end_interrupted(installed))
    host.on_stop(api.close)


def _end_interrupted(since: float) -> None:
    """Queries that ran when the host before this one was killed have failed."""
    from ministack.services import athena

    from lakelocal.inside.athena import execution
    from lakelocal.inside.athena.failure import SYSTEM, QueryFailed

    for record in athena._executions.all_values():
        if record["Status"]["SubmissionDateTime"] < since:
            failed = QueryFailed(INTERRUPTED, SYSTEM)
            execution.ended(record, "FAILED", time.time(), 0, reason=INTERRUPTED, failure=failed)
