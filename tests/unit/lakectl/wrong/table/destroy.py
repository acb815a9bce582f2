"""Wrong uses of `lake destroy`."""

from __future__ import annotations

from unit.lakectl.wrong import place
from unit.lakectl.wrong.around import odd_credentials, outside, unclear_environment, without_cloud
from unit.lakectl.wrong.use import use

USES = (
    outside("destroy"),
    *unclear_environment("destroy"),
    without_cloud("destroy"),
    *odd_credentials("destroy"),
    use(
        "destroy tidal-dev-evnts",
        1,
        "dev has no stack 'tidal-dev-evnts'.",
        "Did you mean 'tidal-dev-events'?",
        at=place.standing,
    ),
    use("destroy lake-dev-events", 1, "dev has no stack 'lake-dev-events'.", "There is none."),
    use("destroy", 1, "nobody is here to be asked", "--yes", at=place.standing),
    use("destroy --json", 1, "nobody is here to be asked", "--yes", at=place.standing),
    use("destroy --yess", 2, "No such option: --yess", "--yes"),
    use("destroy --remove-data row", 1, "'row' names no data.", "Did you mean 'raw'?"),
    use("destroy --remove-data ,", 1, "--remove-data names nothing.", "Known: analytics"),
    use("destroy --remove-data", 2, "Option '--remove-data' requires an argument"),
    use("destroy --remove-data raw", 1, "There is no 'raw' to remove", "They keep nothing."),
    use("destroy", 1, "Nothing was deleted.", at=place.at_terminal("n\n", place.standing)),
    use("destroy", 130, "Interrupted.", "the same command again is safe", at=place.at_terminal("", place.standing)),
    use("destroy tidal-dev-events --env pr-1 --yes", 1, "The branch pr-1 goes whole"),
)
