"""Why a run failed, as the ledger and the screen say it."""

from __future__ import annotations

import json

import pytest

from lake.handlers.record_run import error_in


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ({"Error": "States.TaskFailed", "Cause": json.dumps({"Id": "jr_1", "ErrorMessage": "No table."})}, "No table."),
        (
            {"Error": "States.TaskFailed", "Cause": json.dumps({"JobRunId": "00b", "StateDetails": "No row."})},
            "No row.",
        ),
        ({"Error": "TryAgain", "Cause": json.dumps({"errorMessage": "Busy.", "trace": []})}, "Busy."),
        ({"Error": "States.Timeout", "Cause": "too slow"}, "too slow"),
        ({"Error": "E", "Cause": "[1]"}, "[1]"),
        ({"Error": "E"}, '{"Error": "E"}'),
    ],
)
def test_of_what_was_caught_its_message_is_kept(error: dict[str, str], words: str) -> None:
    assert error_in({"error": error}) == f"{error['Error']}: {words}"


def test_nothing_caught_is_nothing_said() -> None:
    assert error_in({}) == ""
