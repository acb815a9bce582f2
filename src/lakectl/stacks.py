"""The stacks of a lake: one for each room and owner, its template, its parameters, and what it needs before it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from lakectl.compile import Compiled
from lakectl.failure import Failure
from lakectl.lint.document import read
from lakectl.package import Artifact, Platform, compiled_file
from lakectl.release import PARAMETER, release_of
from lakectl.specs.load import Lake
from lakectl.specs.network import Network
from lakectl.specs.pipeline import EMR_WORKERS, StageB
from lakectl.tag import tags_of

FOUNDATIONS: dict[str, tuple[str, ...]] = {
    "artifacts": (),
    "storage": ("artifacts",),
    "ledger": ("artifacts",),
    "events": ("artifacts",),
    "arrivals": ("storage", "ledger"),
    "registration": ("storage", "ledger"),
}
"""The rooms that all share, and what each needs before it."""

NETWORK: dict[str, tuple[str, ...]] = {"network": (), "interfaces": ("network",)}
"""The rooms of an environment that has a network, and what each needs before it."""

IN_THE_NETWORK = ("arrivals", "registration")
"""Rooms of the platform that stand in the network; those of a team come after them."""

OPTIONAL: dict[str, tuple[str, ...]] = {
    "dashboard": ("storage", "arrivals"),
    "audit": ("artifacts",),
    "budget": (),
    "lake-formation": ("storage", "registration"),
}
"""Rooms that stand where lake.yaml switches them on."""

OPTIONAL_OF_A_TEAM: dict[str, tuple[str, ...]] = {
    "dashboard": ("stage-b-runs",),
    "lake-formation": ("stage-b-job",),
}
"""The same for each team, where a room needs the platform's of the same name before it."""

ADMINISTRATORS = ("Administrator", "SecondAdministrator", "ThirdAdministrator")
"""What the administrators of Lake Formation are told to the template as, in their order."""

RUNS_AT_ONCE = 10
"""How many runs of a team EMR Serverless works on at the same time; the others wait. On Glue the template says so."""

ROOMS_OF_A_TEAM: dict[str, tuple[str, ...]] = {
    "stage-b-job": ("team",),
    "stage-b": ("team",),
    "stage-b-runs": ("stage-b-job", "stage-b"),
    "stage-a-large": ("stage-b",),
    "stage-a": ("stage-b", "stage-a-large"),
}
"""The rooms of a pipeline; the job comes first, because it takes longest until it is warm."""


@dataclass(frozen=True)
class Stack:
    """One stack as it should be. `needs` are names of stacks that must stand before it."""

    name: str
    room: str
    owner: str
    template: Path
    parameters: Mapping[str, str]
    needs: tuple[str, ...]
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """Changes when the template or a parameter changes, and only then."""
        said = json.dumps([dict(self.parameters), dict(self.tags)], sort_keys=True)
        return hashlib.sha256(self.template.read_bytes() + said.encode()).hexdigest()


@dataclass(frozen=True)
class Blueprint:
    """What all stacks are drawn from."""

    lake: Lake
    environment: str
    platform: Platform
    artifacts: Mapping[str, Artifact]
    compiled: Sequence[Compiled]

    @property
    def files(self) -> tuple[Artifact, ...]:
        """All that goes into the artifact bucket."""
        datasets = (compiled_file(self.root, one) for one in self.compiled)
        return (*self.artifacts.values(), *datasets)

    @property
    def root(self) -> Path:
        return self.lake.root

    @property
    def network(self) -> Network | None:
        return self.lake.spec.environments[self.environment].network

    @property
    def prefix(self) -> str:
        return f"{self.lake.spec.domain}-{self.environment}"


def stacks_of(blueprint: Blueprint) -> list[Stack]:
    """Every stack, in an order that satisfies `needs`."""
    return [
        *_foundations(blueprint),
        *(stack for team in blueprint.lake.teams for stack in _of_team(blueprint, team)),
        *_datasets(blueprint),
    ]


def _foundations(blueprint: Blueprint) -> Iterator[Stack]:
    spec = blueprint.lake.spec
    known = {"AlarmsEmail": spec.alarms.email if spec.alarms else ""}
    if spec.budget:
        known |= {"BudgetDollars": str(spec.budget.dollars), "BudgetEmail": spec.budget.email}
    if spec.lake_formation:
        known |= dict(zip(ADMINISTRATORS, spec.lake_formation.administrators, strict=False))
    if blueprint.network:
        yield from _of_network(blueprint, blueprint.network)
    for room, needs in (FOUNDATIONS | _switched_on(blueprint, OPTIONAL)).items():
        before = (*needs, "interfaces") if blueprint.network and room in IN_THE_NETWORK else needs
        yield _stack(blueprint, room, "platform", f"foundations/{room}.yaml", before, known)


def _of_network(blueprint: Blueprint, network: Network) -> Iterator[Stack]:
    known = {"Cidr": network.cidr, "Halves": ",".join(network.halves)} if network.cidr else {}
    if network.vpc:
        first, second = (network.subnets[zone] for zone in network.zones)
        known = {"Vpc": network.vpc, "FirstSubnet": first, "SecondSubnet": second, "Zones": ",".join(network.zones)}
    templates = {"network": "network" if network.cidr else "given-network"}
    for room, needs in NETWORK.items():
        yield _stack(blueprint, room, "platform", f"foundations/{templates.get(room, room)}.yaml", needs, known)


def _switched_on(blueprint: Blueprint, rooms: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    return {room: needs for room, needs in rooms.items() if room in blueprint.lake.spec.switched_on}


def _of_team(blueprint: Blueprint, team: str) -> Iterator[Stack]:
    spec = blueprint.lake.teams[team].spec
    known = {
        "Team": team,
        "ScanLimit": str(spec.query.scan_limit),
        "NotificationEmail": spec.notification.email if spec.notification else "",
    }
    yield _stack(blueprint, "team", team, "team/template.yaml", ("arrivals", "events"), known, spec.tags)
    pipeline = blueprint.lake.pipeline_of(team)
    light, heavy = pipeline.stage_a, pipeline.stage_b
    libraries = ("lake", "pydeequ", "deequ", "dqdl")
    sizes = {
        "stage-a": {
            "Machine": ",".join(
                (
                    blueprint.platform.architecture,
                    *map(str, (light.storage // 1024**2, light.memory // 1024**2, light.concurrency)),
                )
            ),
            "Timeout": str(light.timeout),
            PARAMETER: str(light.largest),  # the function finds it in a setting of stage-a-large
        },
        "stage-a-large": {
            "JobKeys": ",".join(blueprint.artifacts[name].key for name in ("large-job", "light", "wheels")),
            "WorkerType": light.larger.worker,
            "Largest": f"{light.largest},{light.larger.largest}",
            "Timeout": str(max(1, light.larger.timeout // 60)),
        },
        "stage-b-runs": {
            "Job": _job(heavy, heavy.worker),
        },
        "stage-b-job": {
            "LibraryKeys": ",".join(blueprint.artifacts[name].key for name in libraries),
            "Workers": str(heavy.workers),
            "WorkerType": heavy.worker,
            "Timeout": str(max(1, heavy.timeout // 60)),
        },
    }
    on_emr = heavy.engine == "emr-serverless"
    if on_emr:
        sizes |= _on_emr(blueprint, heavy)
    for room, before in (ROOMS_OF_A_TEAM | _switched_on(blueprint, OPTIONAL_OF_A_TEAM)).items():
        needs = (*((room,) if room in OPTIONAL else ()), *(f"{one}-{team}" for one in before))
        template = "stage-b-emr" if room == "stage-b-job" and on_emr else room
        yield _stack(blueprint, room, team, f"pipelines/{template}.yaml", needs, known | sizes.get(room, {}), spec.tags)


def _job(heavy: StageB, option: str) -> str:
    """The engine, what it is told beside the plan, and the least and most workers of a run."""
    return f"{heavy.engine},{option},{heavy.workers},{heavy.most}"


def _on_emr(blueprint: Blueprint, heavy: StageB) -> dict[str, dict[str, str]]:
    """What the rooms are told of a heavy stage on EMR Serverless.

    The state machine's stack is told a version of what the job ships, and so reads anew what the job's wrote down.
    """
    worker, artifacts = EMR_WORKERS[heavy.worker], blueprint.artifacts
    keys = [artifacts[name].key for name in ("lake", "pydeequ", "packages", "deequ", "dqdl")]
    minutes = str(max(1, heavy.timeout // 60))
    told = json.dumps([artifacts["job"].key, *keys, minutes])
    together = (worker.cores, worker.memory + worker.overhead, worker.disk)
    return {
        "stage-b-job": {
            "LibraryKeys": ",".join(keys),
            "Timeout": minutes,
            "Worker": ",".join(str(part) for part in worker),
            "Capacity": ",".join(str(part * heavy.most * RUNS_AT_ONCE) for part in together),
        },
        "stage-b-runs": {
            "StatesCode": artifacts["emr-states"].key,
            "Job": _job(heavy, hashlib.sha256(told.encode()).hexdigest()[:12]),
        },
    }


def _datasets(blueprint: Blueprint) -> Iterator[Stack]:
    for compiled in blueprint.compiled:
        owner = f"{compiled.team}-{compiled.dataset}"
        inputs = tuple(f"dataset-{one.replace('.', '-')}" for one in compiled.needs)
        known = {
            "Team": compiled.team,
            "Dataset": compiled.dataset,
            "Digest": compiled.digest,
            "CompiledKey": compiled.artifact_key,
            "SourceKind": compiled.entry["source"]["kind"],
            "Freshness": str(compiled.entry.get("freshness", 0)),
        }
        needs = ("registration", f"stage-a-{compiled.team}", f"stage-b-runs-{compiled.team}", *inputs)
        tags = blueprint.lake.teams[compiled.team].spec.tags
        yield _stack(blueprint, "dataset", owner, "datasets/template.yaml", needs, known, tags)


def _stack(
    blueprint: Blueprint,
    room: str,
    owner: str,
    template: str,
    needs: tuple[str, ...],
    known: Mapping[str, str],
    tags: Mapping[str, str] | None = None,
) -> Stack:
    path = blueprint.root / template
    of_all = {
        "Domain": blueprint.lake.spec.domain,
        "Environment": blueprint.environment,
        "Runtime": blueprint.platform.runtime,
        "Network": blueprint.network.name if blueprint.network else "",
        "Tracing": "Active" if blueprint.lake.spec.tracing else "PassThrough",
        **{f"{name.title()}RetentionDays": str(days) for name, days in blueprint.lake.spec.retention.days.items()},
        **{_code_parameter(name): artifact.key for name, artifact in blueprint.artifacts.items()},
    }
    name = room if owner == "platform" else f"{room}-{owner}"
    return Stack(
        name=_named(blueprint, name),
        room=room,
        owner=owner,
        template=path,
        parameters=filled(path, of_all | dict(known)),
        needs=tuple(_named(blueprint, one) for one in needs),
        tags={**(tags or {}), **tags_of(blueprint.lake.spec.domain, blueprint.environment, room, owner)},
    )


def _named(blueprint: Blueprint, name: str) -> str:
    """Stack names allow no underscore."""
    return f"{blueprint.prefix}-{name}".replace("_", "-")


def _code_parameter(artifact: str) -> str:
    """`stage-a` is told to templates as `StageACode`, a key in the artifact bucket."""
    return "".join(word.title() for word in artifact.split("-")) + "Code"


def filled(template: Path, known: Mapping[str, str]) -> dict[str, str]:
    """Values for the parameters that the template declares; what has a default may stay unsaid. The release of its
    functions is computed of the others.
    """
    document = _document(template, template.stat().st_mtime_ns)
    values = {}
    for name, declared in (document.get("Parameters") or {}).items():
        if name in known or name == PARAMETER:
            values[name] = known.get(name, "")
        elif "Default" not in declared:
            raise Failure(f"{template.name} asks for the parameter {name}, which nothing gives.")
    return values | ({PARAMETER: release_of(document, values)} if PARAMETER in values else {})


@cache
def _document(template: Path, _changed: int) -> dict[str, Any]:
    return read(template.read_text())
