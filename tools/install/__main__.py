"""Create what the repository needs, inside the clone: `python3 tools/install`; with `sam`, `docs`, `audit`,
`checkov` or `classes`, those as well.

Safe to interrupt and to repeat: a part is marked as done last, and only what changed is made again.
Standard library only, because nothing is installed yet. Touches nothing outside the clone but package caches.
"""

import sys
import time
from pathlib import Path

import classes
import environments
import jars
import java
from part import Part, install, taken_over

ROOT = Path(__file__).resolve().parents[2]
MORE = {
    "sam": environments.sam,
    "docs": environments.docs,
    "audit": environments.audit,
    "checkov": environments.checkov,
    "classes": classes.parts,
}
"""What only some targets need, by the word that asks for it."""
OLDEST, NEWEST = (3, 11), (3, 13)


def main() -> int:
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        print(
            f"Python {sys.version_info[0]}.{sys.version_info[1]} cannot run Spark 3.5 and the lake's tools. "
            f"Use 3.11, 3.12 or 3.13, for instance: make PYTHON=python3.12 demo",
            file=sys.stderr,
        )
        return 2
    if Path(sys.prefix) == ROOT / ".venv":
        print("This Python is one of what is installed. Use the machine's: make setup", file=sys.stderr)
        return 2
    started = time.monotonic()
    parts: list[Part] = [*environments.parts(ROOT), *java.parts(ROOT), *jars.parts(ROOT)]
    parts += [part for name in sys.argv[1:] for part in MORE[name](ROOT)]
    made = [part for part in parts if install(ROOT, part, parts)]
    for part in (part for name in MORE.keys() - set(sys.argv) for part in MORE[name](ROOT)):
        taken_over(ROOT, part, parts)
    if made:
        print(f"  ready in {time.monotonic() - started:.0f} s")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print("\nInterrupted. Run the same command again: it goes on where it stopped.", file=sys.stderr)
        sys.exit(130)
    except RuntimeError as error:
        print(f"\n{error}", file=sys.stderr)
        sys.exit(1)
