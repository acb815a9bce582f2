"""The way of objects that are beyond a function: to the larger machine, stopped there once, and on to the table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lake.flows.replaying import Replayer
from lake.gateways.queues import SqsQueues

ROWS = 75_000
"""So many gates are more than the 1 MB that a function reads in the stories."""
HEADER = "gate,terminal,opened\n"
LIVING = ("STARTING", "RUNNING", "STOPPING", "WAITING")


@dataclass(frozen=True)
class Beyond:
    """What was seen of an object with one spoilt row, and of a version that was erased at once."""

    stopped: str
    while_stopped: list[str]
    ended: list[str]
    rows: int
    set_aside: list[dict[str, Any]]
    erased: list[tuple[str, str]]


def beyond_the_function(traveller: Any) -> Beyond:
    """`traveller` is on its detours, with the dataset of gates at hand."""
    target, lake, dataset = traveller.target, traveller.lake, traveller.dataset
    _put_and_erase(traveller)
    traveller.journey.quiet()
    traveller.put("large", "".join(f"L{number:05},A,2013\n" for number in range(ROWS)) + "LX,A,soon\n", HEADER)
    stopped = _stop(traveller)
    while_stopped = traveller.states("large")
    batches = [batch.id for batch in traveller.found.ledger.batches.all(dataset) if batch.state == "sent"]
    queue = target.setting("stage-a", dataset.partition("/")[0], "queue-url")
    Replayer(traveller.found.ledger, traveller.found.registry, SqsQueues(target.client("sqs")), queue).replay(
        dataset, batches
    )
    traveller.journey.quiet()
    lake.command("run", dataset.replace("/", "."))
    table = dataset.replace("/", ".")
    versions = lake.json("trace", f"{dataset}/large-erased.csv")["versions"]
    (counted,) = lake.query(f"select count(*) as n from {table} where gate like 'L%'")
    return Beyond(
        stopped=stopped,
        while_stopped=while_stopped,
        ended=traveller.states("large"),
        rows=int(counted["n"]),
        set_aside=lake.query(f"select reason from {table}_quarantine where _src_key like '%large.csv'"),
        erased=[(one["state"], one["reason"]) for one in versions if one["state"] != "published"],
    )


def _put_and_erase(traveller: Any) -> None:
    """The version is gone long before a machine has started to read it."""
    version = traveller.put("large-erased", "".join(f"M{number:05},A,2013\n" for number in range(ROWS)), HEADER)
    key = f"{traveller.dataset}/large-erased.csv"
    traveller.target.client("s3").delete_object(Bucket=traveller.found.raw, Key=key, VersionId=version)


def _stop(traveller: Any) -> str:
    """Stop the execution as soon as its job runs; how the job run ended."""
    target, team = traveller.target, traveller.dataset.partition("/")[0]
    machine = target.setting("stage-a-large", team, "state-machine-arn")
    job = target.setting("stage-a-large", team, "job-name")
    states, glue = target.client("stepfunctions"), target.client("glue")

    def newest() -> Any:
        return glue.get_job_runs(JobName=job)["JobRuns"][0]

    traveller.until(lambda: newest()["JobRunState"] in LIVING, "the larger machine was not started")
    (running,) = states.list_executions(stateMachineArn=machine, statusFilter="RUNNING")["executions"]
    states.stop_execution(executionArn=running["executionArn"])
    traveller.until(lambda: newest()["JobRunState"] not in LIVING, "the job run was not stopped")
    return str(newest()["JobRunState"])
