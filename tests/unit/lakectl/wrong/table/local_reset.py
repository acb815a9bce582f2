"""Wrong uses of `lake local reset`."""

from __future__ import annotations

from unit.lakectl.wrong import place
from unit.lakectl.wrong.around import outside
from unit.lakectl.wrong.use import use

FEWER = "it takes one option, and an empty cloud may be forgotten as well"
USES = (
    outside("local reset"),
    outside("local reset --yes"),
    use("local rest", 2, "No such command 'rest'. Did you mean 'reset'"),
    use("local reset buckets", 2, "unexpected extra argument(s) (buckets)", "lake local reset --help"),
    use("local reset --env dev", 2, "No such option: --env", "lake local reset --help"),
    use("local reset --yess", 2, "No such option: --yess", "--yes"),
    use("local reset", 1, "nobody is here to be asked", "--yes"),
    use("local reset", 1, "Nothing was forgotten.", at=place.at_terminal("n\n", place.laptop)),
    use("local reset", 130, "Interrupted.", at=place.at_terminal("", place.laptop)),
)
