"""`lake local`: the cloud on this laptop."""

from __future__ import annotations

from typing import Annotated

import typer

from lakectl.commands import connection, logs
from lakectl.commands.sam import engine, engine_of
from lakectl.failure import Failure
from lakectl.option import Json, Yes, agreed, whole
from lakectl.root import find_root
from lakectl.screen import screen, show_json, show_table, step
from lakectl.target import start_laptop
from lakelocal import cloud, sam, status

app = typer.Typer(
    help="The cloud on this laptop: AWS's services on 127.0.0.1.", no_args_is_help=True, add_completion=False
)
app.command("logs")(logs.command)
app.command("engine")(engine)
app.add_typer(connection.app, name="connection")


@app.command()
def up(
    cold: Annotated[bool, typer.Option(help="No warm Spark: a fresh process for every job run, as on Glue.")] = False,
    workers: Annotated[
        int,
        typer.Option(
            parser=whole(1, 8), metavar="NUMBER", help="Spark workers for the heavy job; above 1, a cluster of its own."
        ),
    ] = 1,
) -> None:
    """Start it, or find it running as it was started; the state of last time is there again."""
    with step("local cloud up"):
        found = start_laptop(find_root(), cold=cold, workers=workers)
    screen.print(f"  at {found.endpoint}, account {found.account}, region {found.region}")
    screen.print("  for other AWS clients:")
    for name, value in cloud.client_environment(found).items():
        screen.print(f"    export {name}={value}")
    if engine := engine_of(find_root()):
        screen.print(f"  for sam (`lake shell` sets all): export DOCKER_HOST=unix://{engine.socket}")


@app.command()
def down() -> None:
    """Stop it and keep its state."""
    sam.down(find_root())
    stopped = cloud.down(find_root())
    screen.print("Stopped; its state is kept." if stopped else "It was not running.")


@app.command("status")
def show(as_json: Json = False) -> None:
    """What is there: stacks, queues with their depths, jobs that run."""
    found = cloud.running(find_root())
    if found is None:
        if as_json:
            show_json({"running": False})
        else:
            screen.print("Not running. Start it: lake local up")
        return
    overview = status.status(found)
    if as_json:
        show_json({"running": True, "endpoint": found.endpoint, "pid": found.pid, **status.to_json(overview)})
        return
    screen.print(f"Running at {found.endpoint} (process {found.pid}).")
    content = status.to_json(overview)
    for title, rows in content.items():
        screen.print(f"\n[bold]{title}[/bold]")
        show_table(rows, empty="none")


@app.command()
def reset(yes: Yes = False) -> None:
    """Stop it and forget everything in it: buckets, tables, stacks, runs."""
    root = find_root()
    if not yes and not agreed("Forget every bucket, table, stack and run of this clone's local cloud?"):
        raise Failure("Nothing was forgotten.")
    sam.down(root)
    cloud.reset(root)
    screen.print("Forgotten. `lake local up` starts an empty one.")
