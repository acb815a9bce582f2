"""Wrong uses of `lake pull-request comment`."""

from __future__ import annotations

from unit.lakectl.wrong.around import outside, unclear_environment, without_cloud
from unit.lakectl.wrong.use import use

USES = (
    outside("pull-request comment 1"),
    *unclear_environment("pull-request comment 1"),
    without_cloud("pull-request comment 1"),
    use("pull-request comment", 2, "Missing argument 'NUMBER'", "lake pull-request comment --help"),
    use("pull-request comment seven", 2, "'seven' is no whole number from 1.", "lake pull-request comment --help"),
    use("pull-request comment 0", 2, "'0' is no whole number from 1.", "lake pull-request comment --help"),
    use("pull-request comment 1 2", 2, "unexpected extra argument(s) (2)", "lake pull-request comment --help"),
    use(
        "pull-request comment 1 --env pr-1",
        1,
        "pr-1 is the branch of a pull request.",
        "everything else is done in dev",
    ),
    use("pull-request comment 1 --checked yes", 2, "'yes' is neither 1 nor 0.", "--checked"),
)
