"""Write docs/reference/ from the models, the command line and the templates: `.venv/bin/python tools/reference`.

With --check nothing is written; the exit code is 1 if a page is not what it would be.
"""

from __future__ import annotations

import sys
from pathlib import Path

import command_line
import configuration
import grants
import rules
import settings

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "reference"


def pages() -> dict[str, str]:
    """The text of each page by its file's name."""
    written = {
        "command-line.md": command_line.page(),
        "settings.md": settings.page(ROOT),
        "permissions.md": grants.page(ROOT),
        "rules.md": rules.page(),
    }
    return configuration.pages() | written


def main() -> int:
    stale = [name for name, text in pages().items() if not _same(FOLDER / name, text)]
    if "--check" in sys.argv[1:]:
        for name in stale:
            print(f"docs/reference/{name} is not what the code says: run `make docs`.", file=sys.stderr)
        return 1 if stale else 0
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in stale:
        (FOLDER / name).write_text(pages()[name], encoding="utf-8")
        print(f"  wrote docs/reference/{name}")
    return 0


def _same(file: Path, text: str) -> bool:
    return file.exists() and file.read_text(encoding="utf-8") == text


if __name__ == "__main__":
    sys.exit(main())
