"""`python tests/sam/picture.py BATCH PICTURE.svg`: stage a batch again, stop on its first bad row, draw what is seen.

Run it in a clone whose local cloud has the batch; `lake trace` shows its name. The picture of docs/debug.md is one.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from rich.console import Console, Group
from rich.panel import Panel
from rich.syntax import Syntax
from rich.table import Table

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from sam.conftest import free_port  # noqa: E402  found on the path that was just made
from sam.dap import Editor, Message  # noqa: E402

PLACE, LINE = "src/lake/light/record.py", "yield Record(number, start, raw)"
NAMES = ("number", "start", "last", "raw", "fields_of(raw, dialect)[3]")


def main(batch: str, picture: Path) -> None:
    port = free_port()
    command = [".venv/bin/lake", "invoke", "stage-a", "--replay", batch, "--debug", "--debug-port", str(port)]
    with (
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL),
        Editor(port, ROOT / "src", str(ROOT / "src")) as editor,
    ):
        line = editor.stop_at(ROOT / PLACE, LINE)
        thread, _ = editor.stopped()
        frames = editor.request("stackTrace", threadId=thread)["stackFrames"]
        seen = {name: editor.value(name, frames[0]) for name in NAMES}
        editor.leave()
    draw(line, frames, seen, picture)


def draw(line: int, frames: list[Message], seen: dict[str, str], picture: Path) -> None:
    screen = Console(record=True, width=120, file=open("/dev/null", "w"))  # noqa: PTH123, SIM115
    source = (ROOT / PLACE).read_text()
    code = Syntax(
        source, "python", line_numbers=True, line_range=(line - 6, line + 3), highlight_lines={line}, theme="ansi_dark"
    )
    variables = Table(box=None, show_header=False, pad_edge=False)
    for name, value in seen.items():
        variables.add_row(f"[bold cyan]{name}[/]", value)
    stack = Table(box=None, show_header=False, pad_edge=False)
    ours = [frame for frame in frames if "/src/lake/" in str(frame.get("source", {}).get("path"))]
    for frame in ours[:7]:
        path = Path(frame["source"]["path"])
        stack.add_row(frame["name"], f"[dim]{path.relative_to(ROOT / 'src').as_posix()}:{frame['line']}[/]")
    screen.print(
        Group(
            Panel(code, title=f"stopped at {PLACE}:{line}", title_align="left", border_style="red"),
            Panel(variables, title="variables", title_align="left"),
            Panel(stack, title="call stack", title_align="left"),
        )
    )
    drawn = screen.export_svg(title="A breakpoint in stage A, on a flight that left “soon”")
    picture.write_text(re.sub(r"@font-face \{.*?\}", "", drawn, flags=re.DOTALL))  # fonts from elsewhere: none


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
