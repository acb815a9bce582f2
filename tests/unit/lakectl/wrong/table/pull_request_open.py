"""Wrong uses of `lake pull-request open`."""

from __future__ import annotations

from unit.lakectl.wrong import place
from unit.lakectl.wrong.around import outside, unclear_environment, without_cloud
from unit.lakectl.wrong.use import use

USES = (
    outside("pull-request open"),
    *unclear_environment("pull-request open"),
    without_cloud("pull-request open"),
    use("pull-request open", 1, "git rev-parse", "not a git repository"),
    use("pull-request open sea land", 2, "unexpected extra argument(s) (land)", "lake pull-request open --help"),
    use("pull-request open --titel Ships", 2, "No such option: --titel", "--title"),
    use("pull-request open --env pr-1", 1, "pr-1 is the branch of a pull request.", "everything else is done in dev"),
    use("pull-request open", 1, "are on GitHub: open and merge them there", "lake pipeline status", at=place.on_github),
)
