"""Wrong uses of `lake pull-request merge`."""

from __future__ import annotations

from unit.lakectl.wrong import place
from unit.lakectl.wrong.around import outside, unclear_environment, without_cloud
from unit.lakectl.wrong.use import use

USES = (
    outside("pull-request merge 1"),
    *unclear_environment("pull-request merge 1"),
    without_cloud("pull-request merge 1"),
    use("pull-request merge", 2, "Missing argument 'NUMBER'", "lake pull-request merge --help"),
    use("pull-request merge seven", 2, "'seven' is no whole number from 1.", "lake pull-request merge --help"),
    use("pull-request merge 0", 2, "'0' is no whole number from 1.", "lake pull-request merge --help"),
    use("pull-request merge 1 2", 2, "unexpected extra argument(s) (2)", "lake pull-request merge --help"),
    use(
        "pull-request merge 1 --env pr-1", 1, "pr-1 is the branch of a pull request.", "everything else is done in dev"
    ),
    use(
        "pull-request merge 1",
        1,
        "are on GitHub: open and merge them there",
        "lake pipeline status",
        at=place.on_github,
    ),
)
