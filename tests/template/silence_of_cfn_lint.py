"""How many of our mistakes cfn-lint lets pass; half a minute, so it is run by hand.

State machines lie in files of their own, which cfn-lint does not read.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[2]
FEWEST = 40


def main() -> int:
    from cfnlint.config import ConfigMixIn
    from cfnlint.runner import Runner

    from template import mistakes_in_pipelines, mistakes_in_rooms

    mistakes = mistakes_in_rooms.MISTAKES | mistakes_in_pipelines.MISTAKES
    with TemporaryDirectory() as folder:
        planted = {}
        for number, (name, (file, right, wrong, _)) in enumerate(mistakes.items()):
            place = Path(folder) / f"{number}.yaml"
            place.write_text((ROOT / file).read_text().replace(right, wrong, 1))
            planted[str(place)] = name
        seen = {match.filename: match for match in Runner(ConfigMixIn(["--template", *planted])).run()}
    for place, match in seen.items():
        print(f"seen by {match.rule.id}: {planted[place]}")  # noqa: T201
    silent = len(mistakes) - len(seen)
    print(f"cfn-lint lets {silent} of {len(mistakes)} mistakes pass.")  # noqa: T201
    return 0 if silent >= FEWEST else 1


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT / "tests"))
    sys.exit(main())
