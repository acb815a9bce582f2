"""Wrong uses of `lake local engine`."""

from __future__ import annotations

from unit.lakectl.wrong import place
from unit.lakectl.wrong.around import outside
from unit.lakectl.wrong.use import use

FEWER = "three options, and no cloud is needed"
USES = (
    outside("local engine"),
    use("local engin", 2, "No such command 'engin'. Did you mean 'engine'?"),
    use("local engine start", 2, "unexpected extra argument(s) (start)", "lake local engine --help"),
    use("local engine --export", 2, "No such option: --export", "--exports"),
    use("local engine --team", 2, "Option '--team' requires an argument"),
    use("local engine --team see", 1, "There is no team 'see' in team/.", "Did you mean 'sea'?"),
    use("local engine", 1, "There is no team in team/.", at=place.no_team),
    use("local engine", 1, "SAM CLI is not installed in this clone", "make sam"),
    use("local engine --stop --exports", 2, "--stop and --exports exclude each other."),
)
