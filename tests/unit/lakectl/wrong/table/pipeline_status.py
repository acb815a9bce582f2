"""Wrong uses of `lake pipeline status`."""

from __future__ import annotations

from unit.lakectl.wrong import place
from unit.lakectl.wrong.around import outside, unclear_environment, without_cloud
from unit.lakectl.wrong.use import use

USES = (
    outside("pipeline status"),
    *unclear_environment("pipeline status"),
    without_cloud("pipeline status"),
    use("pipeline status sea land", 2, "unexpected extra argument(s) (land)", "lake pipeline status --help"),
    use("pipeline status --as sea", 2, "No such option: --as", "lake pipeline status --help"),
    use("pipeline status see", 1, "No pipeline of 'see'.", "Did you mean 'sea'?", at=place.standing),
    use("pipeline status sea", 1, "There is no pipeline yet.", "lake bootstrap"),
)
