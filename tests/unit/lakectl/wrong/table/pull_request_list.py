"""Wrong uses of `lake pull-request list`."""

from __future__ import annotations

from unit.lakectl.wrong import place
from unit.lakectl.wrong.around import outside, unclear_environment, without_cloud
from unit.lakectl.wrong.use import use

USES = (
    outside("pull-request list"),
    *unclear_environment("pull-request list"),
    without_cloud("pull-request list"),
    use("pull-request list 1", 2, "unexpected extra argument(s) (1)", "lake pull-request list --help"),
    use("pull-request list --close", 2, "No such option: --close", "--closed"),
    use("pull-request list --env pr-1", 1, "pr-1 is the branch of a pull request.", "everything else is done in dev"),
    use("pull-request list", 1, "are on GitHub: open and merge them there", "lake pipeline status", at=place.on_github),
)
