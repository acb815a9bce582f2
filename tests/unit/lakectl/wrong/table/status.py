"""Wrong uses of `lake status`."""

from __future__ import annotations

from unit.lakectl.wrong.around import outside, unclear_environment, without_cloud
from unit.lakectl.wrong.use import use

USES = (
    outside("status"),
    *unclear_environment("status"),
    without_cloud("status"),
    use("status sea.ships", 2, "unexpected extra argument(s) (sea.ships)", "lake status --help"),
    use("status --team see", 2, "no team 'see'.", "Did you mean 'sea'?"),
    use("status --team", 2, "Option '--team' requires an argument"),
    use("status --jsn", 2, "No such option: --jsn", "--json"),
    use("status --json", 1, "dev has no ledger of platform yet", "Run `lake deploy` first."),
)
