"""Wrong uses of `lake env`."""

from __future__ import annotations

from unit.lakectl.wrong import place
from unit.lakectl.wrong.around import outside, unclear_environment, without_cloud
from unit.lakectl.wrong.use import use

USES = (
    outside("env"),
    *unclear_environment("env"),
    without_cloud("env"),
    use("env dev", 2, "unexpected extra argument(s) (dev)", "lake env --help"),
    use("env --json", 2, "No such option: --json", "lake env --help"),
    use("env --team see", 1, "There is no team 'see' in team/.", "Did you mean 'sea'?"),
    use("env", 1, "There is no team in team/.", at=place.no_team),
    use("env", 1, "dev has no arrivals of platform yet", "Run `lake deploy` first."),
)
