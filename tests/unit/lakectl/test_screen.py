"""Tables as people see them, and as pipes do."""

from __future__ import annotations

import io
import sys
from subprocess import run

import pytest
from rich.console import Console

from lakectl.screen import as_asked, show_table

ROWS = [{"object": "sea/ports/2013.csv", "rows": 1234, "why": "a word " * 20}, {"object": "b", "rows": None, "why": ""}]

SENTENCE = "from lakectl.screen import errors, screen; screen.print('a word ' * 40); errors.print('a word ' * 40)"


def terminal(width: int) -> Console:
    return Console(file=io.StringIO(), force_terminal=True, width=width, color_system=None)


def shown(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_a_pipe_has_no_width(capsys: pytest.CaptureFixture[str]) -> None:
    show_table(ROWS)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert "a word " * 19 in lines[1]
    assert "1,234" in lines[1]


def test_a_pipe_gets_a_sentence_on_one_line() -> None:
    said = run([sys.executable, "-c", SENTENCE], capture_output=True, text=True, check=True)
    assert said.stdout == said.stderr == "a word " * 40 + "\n"


def test_an_answer_can_be_asked_for_again() -> None:
    console = terminal(60)
    show_table([{"mmsi": 211331640, "moored": True, "name": None}], out=console, shown=as_asked)
    assert shown(console).splitlines()[1].split() == ["211331640", "true"]


def test_a_terminal_folds_long_columns_and_keeps_short_ones_whole() -> None:
    console = terminal(60)
    show_table(ROWS, out=console)
    assert "sea/ports/2013.csv  1,234  a word" in shown(console)
    assert all(len(line) <= 60 for line in shown(console).splitlines())


def test_a_terminal_too_narrow_for_the_columns_gets_one_row_after_the_other() -> None:
    console = terminal(40)
    show_table([{f"column_{number}": "value" for number in range(9)}], out=console)
    assert "column_8  value" in shown(console)
    assert shown(console).startswith("row 1")


def test_what_a_cell_holds_is_never_obeyed() -> None:
    console = terminal(80)
    show_table([{"[bold]name": "[red]\x1b[31m"}], out=console)
    assert "[bold]name" in shown(console)
    assert "[red]\\x1b[31m" in shown(console)
