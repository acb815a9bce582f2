"""Wrong uses of `lake pull-request show`."""

from __future__ import annotations

from unit.lakectl.wrong import place
from unit.lakectl.wrong.around import outside, unclear_environment, without_cloud
from unit.lakectl.wrong.use import use

USES = (
    outside("pull-request show 1"),
    *unclear_environment("pull-request show 1"),
    without_cloud("pull-request show 1"),
    use("pull-request show", 2, "Missing argument 'NUMBER'", "lake pull-request show --help"),
    use("pull-request show seven", 2, "'seven' is no whole number from 1.", "lake pull-request show --help"),
    use("pull-request show 0", 2, "'0' is no whole number from 1.", "lake pull-request show --help"),
    use("pull-request show 1 2", 2, "unexpected extra argument(s) (2)", "lake pull-request show --help"),
    use("pull-request show 1 --env pr-1", 1, "pr-1 is the branch of a pull request.", "everything else is done in dev"),
    use(
        "pull-request show 1", 1, "are on GitHub: open and merge them there", "lake pipeline status", at=place.on_github
    ),
)
