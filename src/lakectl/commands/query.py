"""`lake query`: SQL through Athena."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Annotated

import typer
from botocore.exceptions import ClientError

from lakectl import athena
from lakectl.branch.name import number_of
from lakectl.commands import branches
from lakectl.failure import Failure
from lakectl.option import Environment, Json, whole
from lakectl.question import question
from lakectl.root import find_root
from lakectl.screen import as_asked, screen, show_json, show_table
from lakectl.specs.load import dataset_names, team_names, view_names
from lakectl.specs.name import nearest
from lakectl.target import Target, target_for

SHOWN = 100
PATH = re.compile(r"[\w./-]{1,200}")
"""What may be a file that was meant to be asked."""


def command(
    sql: Annotated[str, typer.Argument(help="Athena SQL; <team>.<dataset> names a table.", show_default=False)],
    rows: Annotated[
        int | None,
        typer.Option(
            parser=whole(1),
            metavar="NUMBER",
            help=f"Rows to give at most; {SHOWN} by default, with --json all.",
            show_default=False,
        ),
    ] = None,
    environment: Environment = None,
    as_json: Json = False,
) -> None:
    """Ask a question: lake query "select count(*) as n from aviation.flights"."""
    root = find_root()
    if PATH.fullmatch(sql) and Path(sql).is_file():
        raise Failure(f'{sql} is a file, and a question is wanted: lake query "$(cat {shlex.quote(sql)})"')
    if environment and number_of(environment):
        target, sql = branches.as_asked(root, environment, sql)
    else:
        target = target_for(root, environment)
    most = rows if rows or as_json else SHOWN
    try:
        answer = athena.ask(target, sql, set(team_names(root)), most)
    except athena.Refused as refused:
        hint = _hint(root, target, sql, str(refused))
        raise athena.Refused(f"{str(refused).rstrip('.')}. {hint}" if hint else str(refused)) from refused
    if as_json:
        show_json(list(answer.rows))
        return
    show_table(answer.rows, empty=f"no rows ({', '.join(answer.columns)})", shown=as_asked)
    number = len(answer.rows)
    count = f"{number:,} {'row' if number == 1 else 'rows'}"
    count = f"the first {count} (--rows N gives more)" if answer.more else count
    screen.print(f"[dim]{count}, {answer.scanned_bytes:,} bytes scanned, {answer.seconds:.2f} s[/dim]")


def _hint(root: Path, target: Target, sql: str, refusal: str) -> str:
    """The nearest name to one that Athena does not know."""
    if found := re.search(r"TABLE_NOT_FOUND.*Table '([\w.]+)'", refusal):
        datasets = [*dataset_names(root), *view_names(root)]
        if found[1] in datasets:
            return "The repository declares it, and it is not there: lake deploy."
        aside = [f"{name}_quarantine" for name in datasets] if "quarantin" in found[1] else []
        return nearest(found[1], [*datasets, *aside])
    if found := re.search(r"(?:SCHEMA_NOT_FOUND.*Schema '|Database does not exist: )(\w+)", refusal):
        return nearest(found[1], team_names(root))
    if found := re.search(r"COLUMN_NOT_FOUND.*Column '([\w.]+)'", refusal):
        return nearest(found[1].rpartition(".")[2], _columns(target, sql, team_names(root)))
    return ""


def _columns(target: Target, sql: str, teams: list[str]) -> set[str]:
    """Columns of the tables that a question names, as far as the catalog tells."""
    found: set[str] = set()
    asked = question(sql, teams, target.domain, target.environment)
    for team, table in asked.tables:
        try:
            described = target.client("glue").get_table(DatabaseName=f"{asked.lead}{team}", Name=table)["Table"]
        except ClientError:
            continue
        found |= {column["Name"] for column in described["StorageDescriptor"]["Columns"]}
    return found
