"""`lake test`: the datasets' own samples, without any cloud."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer

from lakectl.commands.validate import checked
from lakectl.compile import Compiled, compile_lake
from lakectl.failure import Failure
from lakectl.option import Environment, Json, check_team
from lakectl.root import find_root
from lakectl.samples.check import Outcome, check
from lakectl.screen import plain, screen, show_json, show_table
from lakectl.specs.load import load_settings, split_name
from lakectl.target import environment_of

SHOWN = 5


def command(
    datasets: Annotated[
        list[str] | None, typer.Argument(help="<team>.<dataset>; all by default.", show_default=False)
    ] = None,
    environment: Environment = None,
    team: Annotated[str | None, typer.Option("--team", "-t", help="The datasets of one team.")] = None,
    as_json: Json = False,
) -> None:
    """Run the samples of datasets through their transforms: what comes out must be sample/expected.csv."""
    root = find_root()
    check_team(root, team)
    wanted = {".".join(split_name(root, name)) for name in datasets or []}
    name = environment_of(load_settings(root), environment)
    checked(root)
    every = compile_lake(root, name)
    chosen = [one for one in every if (one.name in wanted or not wanted) and team in (None, one.team)]
    if team and wanted and not chosen:
        raise Failure(f"None of {', '.join(sorted(wanted))} is of team '{team}'. Leave --team out, or name its own.")
    outcomes = check(root, chosen, every)
    if as_json:
        show_json([asdict(one) | {"good": one.good} for one in outcomes])
    else:
        _show(chosen, outcomes)
    if not all(one.good for one in outcomes):
        raise typer.Exit(1)


def _show(chosen: Sequence[Compiled], outcomes: Sequence[Outcome]) -> None:
    show_table(
        [
            {"dataset": one.dataset, "rows": one.rows, "aside": one.aside, "sample": "good" if one.good else "FAILED"}
            for one in outcomes
        ],
        empty="No dataset is declared: add datasets/<team>/<dataset>/dataset.yaml",
    )
    for compiled, one in zip(chosen, outcomes, strict=True):
        if one.good:
            continue
        screen.print(f"\n[red]{one.dataset}[/red] {plain(one.error)}".rstrip(), soft_wrap=True)
        columns = [column.name for column in compiled.value().table.columns]
        for title, rows in (("did not come out", one.missing), ("came out unexpectedly", one.unexpected)):
            if rows:
                told = [dict(zip(columns, row, strict=True)) for row in rows[:SHOWN]]
                show_table(told, title=f"{len(rows)} {'row' if len(rows) == 1 else 'rows'} {title}")
