"""A small project on disk: two drop datasets and one derived, to be broken by tests."""

from __future__ import annotations

from pathlib import Path

FILES = {
    "lake.yaml": """\
organisation: example
domain: lake
environments:
  dev: {account: "123456789012", region: eu-west-1}
""",
    "team/sea.yaml": """\
team: sea
description: Sailors.
owner: sea@example.com
""",
    "pipelines/standard.yaml": """\
pipeline: standard
description: The usual way.
stages:
  - {stage: a}
  - {stage: b}
""",
    "datasets/sea/ships/dataset.yaml": """\
team: sea
dataset: ships
description: Ships.
owner: sea@example.com
source: {kind: drop, format: csv}
schema:
  - {name: imo, type: int, nullable: false}
  - {name: name, type: string}
  - {name: built, type: date}
table: {mode: merge, keys: [imo]}
""",
    "datasets/sea/ports/dataset.yaml": """\
team: sea
dataset: ports
description: Calls at ports.
owner: sea@example.com
source: {kind: drop, format: csv}
schema:
  - {name: imo, type: int}
  - {name: port, type: string}
  - {name: called_at, type: timestamp}
light: {sql: light.sql}
table: {mode: append}
""",
    "datasets/sea/ports/light.sql": "SELECT imo, upper(port) AS port, called_at FROM source\n",
    "datasets/sea/calls/dataset.yaml": """\
team: sea
dataset: calls
description: Calls by ship.
owner: sea@example.com
source: {kind: tables, from: [sea.ships, sea.ports]}
table:
  mode: replace
  sql: heavy.sql
  schema:
    - {name: name, type: string}
    - {name: calls, type: bigint}
""",
    "datasets/sea/calls/heavy.sql": """\
SELECT ships.name, count(*) AS calls
FROM sea.ships
JOIN sea.ports AS p ON p.imo = ships.imo
GROUP BY ships.name
""",
}

SHIPS = "datasets/sea/ships/dataset.yaml"
PORTS = "datasets/sea/ports/dataset.yaml"
CALLS = "datasets/sea/calls/dataset.yaml"


def write_project(root: Path) -> Path:
    for name, text in FILES.items():
        write(root, name, text)
    return root


def write(root: Path, name: str, text: str) -> None:
    file = root / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def change(root: Path, name: str, old: str, new: str) -> None:
    """Replace a text that stands once in a file."""
    file = root / name
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {name}"
    file.write_text(text.replace(old, new), encoding="utf-8")
