"""Bring an environment to what the repository says: under its lock, by its plan, nothing silently overwritten."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from lakectl import drift, lock, package, versions
from lakectl.apply import apply
from lakectl.commands.validate import checked
from lakectl.compile import compile_lake
from lakectl.plan.make import plan_for, removable
from lakectl.plan.plan import Plan, check_allowed
from lakectl.specs.load import load_lake
from lakectl.stack_status import Event, Tell, delete, deployed, settled, unchanged
from lakectl.stacks import Blueprint, Stack
from lakectl.target import Target


@dataclass(frozen=True, slots=True)
class Consent:
    """What may happen because it was named: replacements of what holds data, changes by hand that are overwritten."""

    replacement: tuple[str, ...] = ()
    drift: tuple[str, ...] = ()


def blueprint_for(target: Target) -> Blueprint:
    """Check everything, compile the datasets and build the packages."""
    checked(target.root)
    lake = load_lake(target.root)
    compiled = compile_lake(target.root, target.environment, account=target.account, region=target.region)
    platform = package.LAPTOP if target.local else package.LAMBDA
    engines = {lake.pipeline_of(team).stage_b.engine for team in lake.teams}
    return Blueprint(lake, target.environment, platform, package.artifacts(target.root, platform, engines), compiled)


def deploy(
    target: Target,
    blueprint: Blueprint,
    stacks: Sequence[Stack],
    tell: Tell | None = None,
    consent: Consent | None = None,
    wait: float = 0.0,
) -> list[Stack]:
    """The artifact store first, then its content, then everything else; last go datasets that are asked for no more.

    Where nothing is to be done nothing is written, the lock neither. `wait`: seconds for one who deploys now. Returns
    the stacks that were written. Raises Failure where somebody else deploys, where data would be left behind or a
    change by hand be overwritten.
    """
    tell = tell or (lambda event: None)
    consent = consent or Consent()
    if not _is_due(target, blueprint, stacks):
        return []
    with lock.held(target, "deploy", wait=wait):
        plan = plan_for(target, blueprint, stacks, contracts=False)
        check_allowed(plan, consent.replacement)
        _check_drift(target, plan, consent, tell)
        written = apply(target, [stack for stack in stacks if stack.room == "artifacts"], tell)
        upload(target, blueprint)
        written += apply(target, stacks, tell)
        versions.remove_oldest(target, written)
        for change in plan.changes:
            if change.action == "remove":
                _take_away(target, change.name, tell)
    return written


def upload(target: Target, blueprint: Blueprint) -> int:
    """Put what the artifact bucket lacks; keys carry digests, so what is there is right. The number of uploads."""
    bucket = target.setting("artifacts", "platform", "bucket")
    client = target.client("s3")
    missing = _missing(target, blueprint)

    def put(artifact: package.Artifact) -> None:
        client.put_object(Bucket=bucket, Key=artifact.key, Body=artifact.path.read_bytes())

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(put, missing))
    return len(missing)


def _is_due(target: Target, blueprint: Blueprint, stacks: Sequence[Stack]) -> bool:
    now = deployed(target)
    if removable(target, blueprint, stacks, now):
        return True
    return any(not unchanged(target, one, now.get(one.name)) for one in stacks) or bool(_missing(target, blueprint))


def _missing(target: Target, blueprint: Blueprint) -> list[package.Artifact]:
    bucket = target.setting("artifacts", "platform", "bucket")
    pages = target.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket)
    there = {entry["Key"] for page in pages for entry in page.get("Contents", [])}
    return [artifact for artifact in blueprint.files if artifact.key not in there]


def _check_drift(target: Target, plan: Plan, consent: Consent, tell: Tell) -> None:
    now = deployed(target)
    looked_at = [
        one.name for one in plan.changes if one.action == "change" and now[one.name].status in drift.DETECTABLE
    ]
    drift.check_allowed(drift.drift_of(target, looked_at, tell), consent.drift)


def _take_away(target: Target, name: str, tell: Tell) -> None:
    tell(Event(name, name, "DELETE_IN_PROGRESS", "nothing asks for this dataset any more; its table stays"))
    if settled(target, name, tell) is not None:
        delete(target, name)
    tell(Event(name, name, "DELETE_COMPLETE"))
