"""Ask a database of known weaknesses about every pinned package: `.venv/bin/python tools/audit [FILE…]`.

Exit codes: 0 none is known, 1 some are, 3 the database did not answer for all: then nothing is known of the rest.
The database is PyPI's; pip-audit takes another by its own variables, for instance PIP_AUDIT_VULNERABILITY_SERVICE=osv.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from lakectl.pins import packages_in

ROOT = Path(__file__).resolve().parents[2]
PIP_AUDIT = ROOT / ".lake/envs/audit/bin/pip-audit"
WEAK, UNKNOWN = 1, 3
NEXT = "Ask from where PyPI itself answers, since a mirror of packages may not, or ask another database."


class NotAsked(Exception):
    """There is no answer for all packages of a file; says why."""


def main() -> int:
    named = [Path(one) for one in sys.argv[1:]]
    listed = named or sorted(one for one in (ROOT / "requirements").glob("*.txt") if one.name != "jars.txt")
    weak, unknown = 0, []
    for file in listed:
        try:
            found = weaknesses(file)
        except NotAsked as why:
            print(f"? {file.name}: not audited. {why}", file=sys.stderr)
            unknown.append(file.name)
            continue
        print(f"{'✗' if found else '✓'} {file.name}: {len(found) or 'no'} known weaknesses")
        for line in found:
            print(f"    {line}")
        weak += len(found)
    if unknown:
        print(f"Nothing is known of {', '.join(unknown)}: that is no good news. {NEXT}")
    return WEAK if weak else UNKNOWN if unknown else 0


def weaknesses(listed: Path) -> list[str]:
    """A line for each known weakness of what a requirements file pins for this machine. Raises NotAsked."""
    options = ["--strict", "--disable-pip", "--require-hashes", "--progress-spinner", "off", "--format", "json"]
    command = [str(PIP_AUDIT), *options, "--requirement", str(listed)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        told: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except ValueError as error:  # it says nothing at all where one answer is missing
        last = (done.stderr.strip().splitlines() or ["pip-audit said nothing."])[-1]
        raise NotAsked(last.removeprefix("ERROR:pip_audit._cli:")) from error
    answered = {(one["name"], one["version"]) for one in told}
    asked = {(one.name, one.version) for one in packages_in(listed) if one.is_for()}
    if missing := sorted(name for name, version in asked - answered):
        raise NotAsked(f"There was no answer for {', '.join(missing)}.")
    return [
        f"{one['name']} {one['version']}: {known['id']}, mended in {', '.join(known['fix_versions']) or 'no version'}"
        for one in told
        for known in one["vulns"]
    ]


if __name__ == "__main__":
    sys.exit(main())
