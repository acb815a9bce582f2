"""Wrong uses of `lake local status`."""

from __future__ import annotations

from unit.lakectl.wrong.around import outside
from unit.lakectl.wrong.use import use

FEWER = "it takes one option, and a cloud that does not run is an answer"
USES = (
    outside("local status"),
    use("local staus", 2, "No such command 'staus'. Did you mean 'status'?"),
    use("local status queues", 2, "unexpected extra argument(s) (queues)", "lake local status --help"),
    use("local status --env dev", 2, "No such option: --env", "lake local status --help"),
    use("local status --jsn", 2, "No such option: --jsn", "--json"),
)
