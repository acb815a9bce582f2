"""`lake deploy`: bring an environment to what the repository says."""

from __future__ import annotations

from typing import Annotated

import typer

from lakectl.branch.name import number_of
from lakectl.cicd.reach import acting_in
from lakectl.commands import branches
from lakectl.deployment import Consent, blueprint_for, deploy
from lakectl.option import (
    AllowReplacement,
    Environment,
    Json,
    OverwriteDrift,
    Owner,
    RollbackTo,
    repeated,
    seconds_of,
    switched,
)
from lakectl.owner import acting_for, owned_by
from lakectl.rollback import in_commit
from lakectl.root import find_root
from lakectl.screen import screen, show_json
from lakectl.shell import as_commands
from lakectl.stack_status import Event
from lakectl.stacks import stacks_of
from lakectl.telling import every, stacks_and_failures

__all__ = ["blueprint_for", "command", "deploy"]


def command(
    environment: Environment = None,
    owner: Owner = None,
    print_commands: Annotated[
        bool, typer.Option("--print", help="Show the plain aws commands and do nothing.")
    ] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show every resource.")] = False,
    allow_replacement: AllowReplacement = None,
    overwrite_drift: OverwriteDrift = None,
    rollback_to: RollbackTo = "",
    wait: Annotated[
        str, typer.Option(help="How long somebody else may deploy meanwhile, like '10 minutes'.", show_default=False)
    ] = "",
    as_json: Json = False,
) -> None:
    """Deploy foundations, teams, pipelines and datasets; what did not change is not written.

    To pr-NUMBER, the branch of a pull request, go the datasets that differ from the first environment, with samples.
    """
    root = find_root()
    if environment and number_of(environment):
        options = (owner, print_commands, verbose, allow_replacement, overwrite_drift, rollback_to, wait)
        branches.deploy(root, environment, any(options), as_json)
        return
    patience = seconds_of("--wait", wait) if wait else 0
    if rollback_to:
        words = repeated("--allow-replacement", allow_replacement) + repeated("--overwrite-drift", overwrite_drift)
        words += repeated("--wait", [wait] if wait else [])
        words += repeated("--as", [owner] if owner else [])
        words += switched(print=print_commands, verbose=verbose, json=as_json)
        raise typer.Exit(in_commit(root, rollback_to, "deploy", environment, words))
    target = acting_for(acting_in(root, environment, "deploy", owner), owner)
    blueprint = blueprint_for(target)
    stacks = owned_by(stacks_of(blueprint), owner, blueprint.lake.apart)
    if print_commands:
        for line in as_commands(target, blueprint, stacks):
            screen.print(line, markup=False, soft_wrap=True)
        return
    removed: list[str] = []

    def tell(event: Event) -> None:
        if event.resource == event.stack and event.status == "DELETE_COMPLETE":
            removed.append(event.stack)
        if not as_json:
            (every if verbose else stacks_and_failures)(event)

    consent = Consent(tuple(allow_replacement or ()), tuple(overwrite_drift or ()))
    written = deploy(target, blueprint, stacks, tell, consent, patience)
    if as_json:
        names = [one.name for one in written]
        show_json({"environment": target.environment, "stacks": len(stacks), "written": names, "removed": removed})
    elif not written and not removed:
        screen.print(f"Nothing to do: {len(stacks)} stacks of {target.environment} are as the repository says.")
    else:
        gone = f", {len(removed)} removed" if removed else ""
        screen.print(f"{len(written)} of {len(stacks)} stacks written{gone} in {target.environment}.")
