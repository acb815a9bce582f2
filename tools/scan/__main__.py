"""Judge the templates that are deployed by checkov, which asks nobody: `.venv/bin/python tools/scan [REPOSITORY]`.

A template is judged as it is, and with each of its conditions on and off, because checkov does not look behind `!If`.
What fails must be skipped where it stands, with a reason (`# checkov:skip=CKV_AWS_1: why`); what is skipped must fail.
Exit codes: 0 it is so, 1 it is not, 2 checkov gave no verdict.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from judge import NoVerdict, Verdict, judged
from looks import write

from lakectl.lint.project import read_project

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT
    templates = read_project(root).templates
    try:
        with tempfile.TemporaryDirectory() as folder:
            resources = write(templates, Path(folder))
            verdicts = judged(Path(folder), resources, ROOT / ".lake/envs/checkov/bin/checkov")
    except NoVerdict as why:
        print(why, file=sys.stderr)
        return 2
    said = sorted(set(findings(verdicts)))
    for line in said:
        print(line, file=sys.stderr)
    if not said:
        skipped = sum(1 for one in verdicts if one.end == "skipped")
        print(f"✓ nothing fails in {len(templates)} templates; {skipped} checks are skipped, and each says why")
    return 1 if said else 0


def findings(verdicts: list[Verdict]) -> Iterator[str]:
    """What is wrong, a line each."""
    skipped = {one.about for one in verdicts if one.end == "skipped"}
    failed = {one.about for one in verdicts if one.end == "failed"}
    for one in verdicts:
        if one.end == "failed" and one.about not in skipped:
            yield f"{one}: fails. Mend it, or say beside it why not: # checkov:skip={one.check}: <reason>"
        if one.end == "skipped" and not one.reason:
            yield f"{one}: is skipped without a reason. Write it after the colon."
        if one.end == "skipped" and one.about not in failed:
            yield f"{one}: is skipped, and would pass. Take the comment away."


if __name__ == "__main__":
    sys.exit(main())
