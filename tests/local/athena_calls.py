"""Run by the cloud's own environment: which functions and statements the engine knows, and which examples call them.

Reads examples by function as JSON; writes `built`, `refused` (functions, statements) and what does not fit together.
"""

from __future__ import annotations

import json
import sys

import sqlglot

from lakelocal.inside.athena import functions, statement

ANY = "+"


def main() -> None:
    examples: dict[str, list[str]] = json.load(sys.stdin) or {}
    called: dict[str, set[str]] = {}
    for texts in examples.values():
        for text in texts:
            for token, count in functions.calls(list(sqlglot.tokenize(f"SELECT {text}", read="trino"))):
                called.setdefault(token.text.lower(), set()).add(str(count))
    unheld = [
        f"{name}:{count}"
        for name, counts in functions.BUILT.items()
        for count in ("" if counts == ANY and called.get(name) else counts)
        if count not in called.get(name, ()) and name != "try_cast"
    ]
    answer = {
        "built": functions.BUILT,
        "refused": sorted(functions.KNOWN - functions.BUILT.keys()),
        "statements": dict(statement.REFUSED.values()),
        "unheld": unheld if examples else [],
        "unknown": sorted(
            name
            for name, texts in examples.items()
            if texts and name not in functions.BUILT and not name.startswith("current_")
        ),
    }
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
