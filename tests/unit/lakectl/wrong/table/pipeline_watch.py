"""Wrong uses of `lake pipeline watch`."""

from __future__ import annotations

from unit.lakectl.wrong import place
from unit.lakectl.wrong.around import outside, unclear_environment, without_cloud
from unit.lakectl.wrong.use import use

USES = (
    outside("pipeline watch"),
    *unclear_environment("pipeline watch"),
    without_cloud("pipeline watch"),
    use("pipeline watch sea land", 2, "unexpected extra argument(s) (land)", "lake pipeline watch --help"),
    use("pipeline watch --as sea", 2, "No such option: --as", "lake pipeline watch --help"),
    use("pipeline watch see", 1, "No pipeline of 'see'.", "Did you mean 'sea'?", at=place.standing),
    use("pipeline watch sea", 1, "There is no pipeline yet.", "lake bootstrap"),
)
