"""`python -m bench [NAME…]`: measure, compare with the budget, and write it down."""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from pathlib import Path

from bench.budget import Result
from bench.picture import drawn

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / ".lake/bench"
ALL = (
    *("packages", "imports", "csv", "jsonl", "parquet", "rules", "memory", "price"),
    *("stage-b", "athena", "invoke", "deploy", "plan", "burst"),
)


def main() -> int:
    asked = argparse.ArgumentParser(prog="bench", description="Measure ours and the thing to beat in one run.")
    asked.add_argument("names", nargs="*", metavar="NAME", help=f"which: {', '.join(ALL)} (all)")
    asked.add_argument("--rounds", type=int, default=5, help="runs of each, of which the median counts (5)")
    words = asked.parse_args()
    if unknown := set(words.names) - set(ALL):
        asked.error(f"no benchmark {', '.join(sorted(unknown))}; there are: {', '.join(ALL)}")
    results: list[Result] = []
    for name in words.names or ALL:
        print(f"{name} ...", file=sys.stderr, flush=True)
        for result in importlib.import_module(f"bench.{name.replace('-', '_')}").measured(FOLDER, words.rounds):
            results.append(result)
            print(said(result), flush=True)
    return written(results)


def said(result: Result) -> str:
    target = result.target
    bound = f"at least {target.least}" if target.least is not None else f"at most {target.most}"
    verdict = "meets" if result.met else "MISSES"
    details = ", ".join(f"{name} {value}" for name, value in result.details.items())
    return f"  {target.title}: {result.figure:g} {target.unit}, {verdict} {bound} ({details})"


def written(results: list[Result]) -> int:
    """Keep what was measured, beside what earlier runs measured of other things; 1 if a target is missed."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    file = FOLDER / "results.json"
    kept = json.loads(file.read_text()) if file.exists() else {}
    kept |= {one.name: {"figure": one.figure, "met": one.met, "details": dict(one.details)} for one in results}
    file.write_text(json.dumps(kept, indent=1))
    every = [Result(name, entry["figure"], entry["details"]) for name, entry in kept.items()]
    (FOLDER / "speed.svg").write_text(drawn(every))
    missed = [one.target.title for one in results if not one.met]
    for title in missed:
        print(f"missed: {title}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
