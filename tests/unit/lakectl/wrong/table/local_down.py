"""Wrong uses of `lake local down`."""

from __future__ import annotations

from unit.lakectl.wrong.around import outside
from unit.lakectl.wrong.use import use

FEWER = "it takes nothing, and what does not run is down"
USES = (
    outside("local down"),
    use("local don", 2, "No such command 'don'. Did you mean 'down'?"),
    use("local down now", 2, "unexpected extra argument(s) (now)", "lake local down --help"),
    use("local down --yes", 2, "No such option: --yes", "lake local down --help"),
    use("local down --json", 2, "No such option: --json", "lake local down --help"),
)
