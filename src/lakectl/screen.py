"""What a person sees: tables, progress, one line a step. Machines read --json."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape
from rich.table import Table

screen = Console(highlight=False, soft_wrap=not sys.stdout.isatty())
errors = Console(stderr=True, highlight=False, soft_wrap=not sys.stderr.isatty())
"""A file or a pipe has no width: what stands on one line is on one line there."""

GAP = 2
FOLDED = 24
"""A column this narrow is never folded."""


def show_json(value: object) -> None:
    """One JSON document on standard output, nothing else."""
    print(json.dumps(value, indent=2, default=str, ensure_ascii=False))  # noqa: T201


def show_table(
    rows: Sequence[Mapping[str, Any]],
    title: str = "",
    empty: str = "nothing",
    out: Console = screen,
    shown: Callable[[object], str] | None = None,
) -> None:
    """Rows as a table; numbers to the right. Values are data: control characters and markup do nothing.
    `shown` makes text of a value, `plain` unless said.

    Words are kept whole: what a terminal is too narrow for folds in its long columns, or stands one row after
    the other. A file or a pipe has no width.
    """
    if not rows:
        out.print(f"[dim]{escape(empty)}[/dim]")
        return
    cells = {str(name): [(shown or plain)(row[name]) for row in rows] for name in rows[0]}
    widths = {name: max(map(cell_len, (name, *column))) for name, column in cells.items()}
    natural = sum(widths.values()) + GAP * (len(widths) - 1)
    if not out.is_terminal:
        out = Console(file=out.file, width=max(natural, out.width), highlight=False)
    least = sum(min(width, FOLDED) for width in widths.values()) + GAP * (len(widths) - 1)
    if min(natural, least) > out.width:
        _show_records(out, cells, len(rows), title)
        return
    table = Table(title=title or None, title_justify="left", header_style="bold", box=None, pad_edge=False)
    for name in rows[0]:
        numbers = all(isinstance(row[name], int | float) or row[name] is None for row in rows)
        short = natural <= out.width or widths[str(name)] <= FOLDED
        table.add_column(escape(str(name)), justify="right" if numbers else "left", overflow="fold", no_wrap=short)
    for line in zip(*cells.values(), strict=True):
        table.add_row(*line)
    out.print(table)


def _show_records(out: Console, cells: Mapping[str, Sequence[str]], count: int, title: str) -> None:
    """One row after the other, a line for each of its values."""
    if title:
        out.print(f"[italic]{escape(title)}[/italic]")
    for number in range(count):
        out.print(f"[dim]row {number + 1}[/dim]")
        record = Table(box=None, pad_edge=False, show_header=False)
        record.add_column(style="bold", no_wrap=True)
        record.add_column(overflow="fold")
        for name, column in cells.items():
            record.add_row(escape(name), column[number])
        out.print(record)


def plain(value: object) -> str:
    """A value as text that a terminal shows and never obeys."""
    if value is None:
        return ""
    text = f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
    return escape("".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in text))


def as_asked(value: object) -> str:
    """A value of an answer, as a question would write it: no commas in numbers, and true, not True."""
    return plain(json.dumps(value) if isinstance(value, bool | int) else value)


@contextmanager
def step(words: str) -> Iterator[None]:
    """Say what is being done while it is done, and how long it took."""
    started = time.monotonic()
    with screen.status(words):
        yield
    screen.print(f"  [green]✓[/green] {words} [dim]{time.monotonic() - started:.1f} s[/dim]")
