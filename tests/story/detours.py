"""Ways that the demo's journey does not take, travelled once on a small dataset that comes and goes.

An object arrives before its dataset. Announcements come again in other company. Route cannot send. A version is erased
before it is read. A table gets a column and other partitions. An execution is stopped. Objects are too large for a
function. A claim comes in between. A rule fires. Alarms go off. The dataset is taken away.
"""

from __future__ import annotations

import io
import json
import shutil
import time
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import signals
from larger import Beyond, beyond_the_function
from rooms import deployed, withheld
from standing import metadata_of

from lake.core.arrival import Arrival
from lake.core.batch import Batch
from lake.flows.registering import notification
from lakectl import runs
from lakectl.commands.trace import trace
from lakectl.demo.journey import Journey
from lakectl.opened import Opened, opened
from lakectl.target import Target

TEAM, NAME = "aviation", "gates"
GATES = f"{TEAM}/{NAME}"
VIEW = "gates_of_a"
PATIENCE = 120.0
ROUTE = "foundations/arrivals.yaml"
SOON = "10"
"""Seconds until a message comes back that route could not handle: longer than all that is done meanwhile."""
TERMINAL = "  - {name: terminal, type: string}\n"
OPENED = "  - {name: opened, type: int}\n"
DECLARATION = f"""team: {TEAM}
dataset: {NAME}
description: Gates of the three airports.
owner: aviation-data@example.com
source: {{kind: drop, format: csv}}
schema:
  - {{name: gate, type: string, nullable: false}}
{TERMINAL}table: {{mode: merge, keys: [gate]}}
"""
LAID_OUT = 'keys: [gate], partition: [terminal, "bucket(4, gate)"], sort: [gate]'
LATE_CLAIM = """
from dataclasses import replace
from lake.handlers import route
from lake.handlers.setting import now

class ReadTooEarly:
    def __init__(self, registry):
        self.registry, self.asked = registry, 0

    def claims(self):
        self.asked += 1
        return [] if self.asked == 1 else self.registry.claims()

def handler(event, context):
    found = route.wired()
    return replace(found, registry=ReadTooEarly(found.registry)).deliver({"only": event["body"]}, now())
"""
"""Route as it is, but for a registration between its two looks at the claims."""


@dataclass(frozen=True)
class Seen:
    """What was found on the way. Lists of states are those of all versions of one object."""

    early: list[str]
    early_claimed: list[str]
    batches_before: list[Batch]
    batches_after: list[Batch]
    unsent: list[str]
    recovered: list[str]
    erased: list[tuple[str, str]]
    columns: list[str]
    view_before: list[dict[str, Any]]
    view_after: list[dict[str, Any]]
    view_gone: str
    layouts: list[list[str]]
    while_active: str
    stopped: str
    again: dict[str, Any]
    swept: set[str]
    ruled: bool
    alarmed: set[str]
    late: list[str]
    left_unclaimed: int
    read: list[dict[str, str]]
    tables: set[str]
    beyond: Beyond
    prefixes: set[str]


class Detours:
    """One traveller on one lake."""

    dataset = GATES

    def __init__(self, lake: Any, journey: Journey) -> None:
        self.lake, self.journey = lake, journey
        self.target: Target = lake.target
        self.found: Opened = opened(self.target)

    def travel(self) -> Seen:
        early, early_claimed = self._unclaimed_then_claimed()
        before, after = self._announced_in_other_company()
        unsent, recovered, erased = self._while_route_cannot_send()
        columns = self._with_another_column()
        view_before, view_after, view_gone = self._with_a_view_that_comes_and_goes()
        while_active, stopped, again = self._stopped_in_the_middle()
        layouts = self._layouts()
        ruled, alarmed = signals.rules_run(self.target, self.until), signals.set_off_alarms(self.target)
        late, left = self._claimed_in_between()
        read, tables = self._as_reader()
        return Seen(
            early=early, early_claimed=early_claimed, batches_before=before, batches_after=after, unsent=unsent,
            recovered=recovered, erased=erased, columns=columns, view_before=view_before, view_after=view_after,
            view_gone=view_gone, layouts=layouts, while_active=while_active, stopped=stopped, again=again,
            swept=set(self._swept()), ruled=ruled, alarmed=alarmed, late=late, left_unclaimed=left,
            read=read, tables=tables, beyond=beyond_the_function(self), prefixes=self._taken_away(),
        )  # fmt: skip

    def _unclaimed_then_claimed(self) -> tuple[list[str], list[str]]:
        self.put("early", "A1,A\n")
        self.journey.quiet()
        early = self.states("early")
        self._declare(DECLARATION)
        self.journey.quiet()
        self.lake.command("run", GATES.replace("/", "."))
        return early, self.states("early")

    def _announced_in_other_company(self) -> tuple[list[Batch], list[Batch]]:
        self.put("second", "B1,B\n")
        self.journey.quiet()
        before = self.found.ledger.batches.all(GATES)
        early, second = self._arrival("early"), self._arrival("second")
        for company in ([early, second], [early], [second]):
            self._announce(company)
            self.journey.quiet()
        return before, self.found.ledger.batches.all(GATES)

    def _while_route_cannot_send(self) -> tuple[list[str], list[str], list[tuple[str, str]]]:
        role = deployed(self.target, ROUTE, "RouteRole", TEAM)
        sqs, url = self.target.client("sqs"), self.target.setting("storage", "platform", "arrivals-queue-url")
        name = "VisibilityTimeout"
        usual = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[name])["Attributes"]
        sqs.set_queue_attributes(QueueUrl=url, Attributes={name: SOON})
        with withheld(self.target, role, "RouteMaySendToTeams"):
            self.put("third", "C1,C\n")
            erased = self.put("erased", "D1,D\n")
            self.until(
                lambda: self._made("third") and self._made("erased"), "route made no batch while it could not send"
            )
            self.target.client("s3").delete_object(Bucket=self.found.raw, Key=key_of("erased"), VersionId=erased)
            self._announce([self._arrival("early"), self._arrival("third")])
            self.until(lambda: self._refused_objects(2), "route did not try to send the batch of another announcement")
            unsent = self.states("third")
        self.journey.quiet()
        sqs.set_queue_attributes(QueueUrl=url, Attributes=usual)
        self.lake.command("run", GATES.replace("/", "."))
        versions = self.lake.json("trace", key_of("erased"))["versions"]
        return unsent, self.states("third"), [(one["state"], one["reason"]) for one in versions]

    def _with_another_column(self) -> list[str]:
        self._view.parent.mkdir()
        self._view.write_text(f"SELECT gate FROM {TEAM}.{NAME} WHERE terminal = 'A'")
        self._declare(DECLARATION.replace(TERMINAL, TERMINAL + OPENED).replace("keys: [gate]", LAID_OUT))
        database = self.target.setting("team", TEAM, "database")
        table = self.target.client("glue").get_table(DatabaseName=database, Name=NAME)["Table"]
        return [column["Name"] for column in table["StorageDescriptor"]["Columns"]]

    def _with_a_view_that_comes_and_goes(self) -> tuple[list[dict[str, Any]], list[dict[str, Any]], str]:
        """What a view says, what it says once its file is changed, and what is said of it when the file is gone."""
        ask = f"select * from {TEAM}.{VIEW}"
        before = self.lake.query(ask)
        self._view.write_text(f"SELECT opened, lower(gate) AS gate FROM {TEAM}.{NAME} WHERE terminal = 'A'")
        self.lake.command("deploy")
        after = self.lake.query(ask)
        shutil.rmtree(self._view.parent)
        self.lake.command("deploy")
        return before, after, self.lake.command("query", ask, expect=1)

    def _stopped_in_the_middle(self) -> tuple[str, str, dict[str, Any]]:
        """Stop the execution while its job works, then ask for the next attempt."""
        self.put("stopped", "E1,E,2013\n", "gate,terminal,opened\n")
        self.journey.quiet()
        states, glue = self.target.client("stepfunctions"), self.target.client("glue")
        job = self.target.setting("stage-b", TEAM, "job-name")
        known = {run["Id"] for run in glue.get_job_runs(JobName=job)["JobRuns"]}

        def new_runs() -> list[str]:
            return [run["JobRunState"] for run in glue.get_job_runs(JobName=job)["JobRuns"] if run["Id"] not in known]

        started = runs.start(self.target, TEAM, NAME)
        self.until(new_runs, "no job run was started")
        while_active = runs.start(self.target, TEAM, NAME).reason
        states.stop_execution(executionArn=started.execution)
        self.until(lambda: set(new_runs()) <= {"STOPPED", "SUCCEEDED"} and new_runs(), "the job run was not stopped")
        stopped = new_runs()[0]
        again = runs.start(self.target, TEAM, NAME)
        return while_active, stopped, runs.follow(self.target, again.execution)

    def _layouts(self) -> list[list[str]]:
        """The transforms of each partition spec that the table has had."""
        metadata = metadata_of(self.target, NAME)
        return [[field["transform"] for field in spec["fields"]] for spec in metadata["partition-specs"]]

    def _swept(self) -> Iterable[str]:
        """What the five-minute rule says to gather, said now."""
        event = {"detail-type": "Scheduled Event", "source": "aws.events", "detail": {}}
        answer = self.target.client("lambda").invoke(
            FunctionName=self.target.setting("stage-b", TEAM, "gather-function"), Payload=json.dumps(event).encode()
        )
        swept: dict[str, Any] = json.loads(answer["Payload"].read())
        return swept

    def _claimed_in_between(self) -> tuple[list[str], int]:
        """Route's own package, role and variables, in a function that sees the claims too early once."""
        function = self._twin_of_route(LATE_CLAIM)
        try:
            body = json.dumps(notification([self._arrival("second")]))
            answer = self.target.client("lambda").invoke(FunctionName=function, Payload=json.dumps({"body": body}))
            unsettled = json.loads(answer["Payload"].read())
            assert "FunctionError" not in answer, unsettled
        finally:
            self.target.client("lambda").delete_function(FunctionName=function)
        return unsettled, len(list(self.found.ledger.unclaimed.under(f"{GATES}/")))

    def _twin_of_route(self, handler: str) -> str:
        client = self.target.client("lambda")
        settings = client.get_function(FunctionName=self.target.setting("arrivals", "platform", "route-function"))
        before = settings["Configuration"]
        package = io.BytesIO(self._package_of_functions())
        with zipfile.ZipFile(package, "a") as archive:
            archive.writestr("late_claim.py", handler)
        name = f"{before['FunctionName'][:50]}-late"
        taken = ("Role", "Runtime", "Timeout", "MemorySize", "Environment", "LoggingConfig", "Architectures")
        about = {one: before[one] for one in taken if one in before}
        client.create_function(
            FunctionName=name, Handler="late_claim.handler", Code={"ZipFile": package.getvalue()}, **about
        )
        return name

    def _package_of_functions(self) -> bytes:
        stack = self.target.client("cloudformation").describe_stacks(StackName=f"{self.target.prefix}-arrivals")
        key = next(one for one in stack["Stacks"][0]["Parameters"] if one["ParameterKey"] == "FunctionsCode")
        bucket = self.target.setting("artifacts", "platform", "bucket")
        content: bytes = self.target.client("s3").get_object(Bucket=bucket, Key=key["ParameterValue"])["Body"].read()
        return content

    def _as_reader(self) -> tuple[list[dict[str, str]], set[str]]:
        """What a person sees who was granted the team's reading role, and nothing else."""
        role = self.target.setting("team", TEAM, "role-arn")
        keys = self.target.client("sts").assume_role(RoleArn=role, RoleSessionName="reader")["Credentials"]
        session = boto3.Session(
            keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"], region_name=self.target.region
        )
        athena = session.client("athena", endpoint_url=self.target.endpoint)
        rows = self._answer(athena, f"select gate, terminal from {NAME} order by gate")
        gates = [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
        return gates, {row[0] for row in self._answer(athena, "show tables")}

    def _answer(self, athena: Any, sql: str) -> list[list[str]]:
        query = athena.start_query_execution(
            QueryString=sql,
            QueryExecutionContext={"Database": self.target.setting("team", TEAM, "database")},
            WorkGroup=self.target.setting("team", TEAM, "workgroup"),
        )["QueryExecutionId"]

        def ended() -> Any:
            status = athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]["Status"]
            return status if status["State"] not in ("QUEUED", "RUNNING") else None

        status = self.until(ended, "the query did not end")
        assert status["State"] == "SUCCEEDED", status.get("StateChangeReason")
        found = athena.get_query_results(QueryExecutionId=query)["ResultSet"]["Rows"]
        return [[cell.get("VarCharValue", "") for cell in row["Data"]] for row in found]

    def _taken_away(self) -> set[str]:
        """The prefixes that are claimed once the dataset's stack is deleted."""
        self.journey.rest()
        self.lake.command("destroy", f"{self.target.prefix}-dataset-{TEAM}-{NAME}", "--yes")
        shutil.rmtree(self._folder)
        return {claim.prefix for claim in self.found.registry.claims()}

    @property
    def _folder(self) -> Path:
        return Path(self.lake.root) / "datasets" / GATES

    @property
    def _view(self) -> Path:
        return self._folder / "views" / f"{VIEW}.sql"

    def _declare(self, text: str) -> None:
        self._folder.mkdir(exist_ok=True)
        (self._folder / "dataset.yaml").write_text(text)
        self.lake.command("deploy")

    def put(self, name: str, rows: str, header: str = "gate,terminal\n") -> str:
        """Deliver a file; its version."""
        body = (header + rows).encode()
        answer = self.target.client("s3").put_object(Bucket=self.found.raw, Key=key_of(name), Body=body)
        return str(answer["VersionId"])

    def _arrival(self, name: str) -> Arrival:
        return self.found.ledger.entries.versions(GATES, self.found.raw, key_of(name))[-1].arrival

    def _announce(self, arrivals: list[Arrival]) -> None:
        url = self.target.setting("storage", "platform", "arrivals-queue-url")
        self.target.client("sqs").send_message(QueueUrl=url, MessageBody=json.dumps(notification(arrivals)))

    def states(self, name: str) -> list[str]:
        return [one.fate.state for one in trace(self.found, key_of(name)).chapters]

    def _made(self, name: str) -> bool:
        """Whether the object is in a batch that was made and not sent."""
        entries = self.found.ledger.entries.versions(GATES, self.found.raw, key_of(name))
        batches = self.found.ledger.batches.get(GATES, [one.batch for one in entries])
        return bool(entries) and all(batch.state == "made" for batch in batches.values())

    def _refused_objects(self, count: int) -> bool:
        """Whether route has said that it could not settle an announcement of so many objects."""
        group = f"/lake/{self.target.domain}/{self.target.environment}/platform/route"
        events = self.target.client("logs").filter_log_events(logGroupName=group)["events"]
        said = [event["message"] for event in events if "objects not settled" in event["message"]]
        return any(GATES in line and f'"objects": {count}' in line for line in said)

    def until(self, happened: Callable[[], Any], otherwise: str) -> Any:
        deadline = time.monotonic() + PATIENCE
        while not (found := happened()):
            assert time.monotonic() < deadline, otherwise
            time.sleep(0.1)
        return found


def key_of(name: str) -> str:
    return f"{GATES}/{name}.csv"
