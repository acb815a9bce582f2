"""Wrong uses of `lake shell`."""

from __future__ import annotations

from unit.lakectl.wrong import place
from unit.lakectl.wrong.around import outside
from unit.lakectl.wrong.use import use

FEWER = "it takes one option, and needs no cloud"
USES = (
    outside("shell"),
    use("shell bash", 2, "unexpected extra argument(s) (bash)", "lake shell --help"),
    use("shell --env dev", 2, "No such option: --env", "lake shell --help"),
    use("shell --team", 2, "Option '--team' requires an argument"),
    use("shell --team see", 1, "There is no team 'see' in team/.", "Did you mean 'sea'?"),
    use("shell", 1, "There is no team in team/.", at=place.no_team),
    use("shell", 1, "SAM CLI is not installed in this clone", "make sam"),
    use("shell", 1, "'/bin/fsh'", "SHELL", at=place.odd_shell),
)
