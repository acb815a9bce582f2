"""Wrong uses of `lake pipeline logs`."""

from __future__ import annotations

from unit.lakectl.wrong import place
from unit.lakectl.wrong.around import outside, unclear_environment, without_cloud
from unit.lakectl.wrong.use import use

USES = (
    outside("pipeline logs"),
    *unclear_environment("pipeline logs"),
    without_cloud("pipeline logs"),
    use("pipeline logs sea land", 2, "unexpected extra argument(s) (land)", "lake pipeline logs --help"),
    use("pipeline logs --as sea", 2, "No such option: --as", "lake pipeline logs --help"),
    use("pipeline logs see", 1, "No pipeline of 'see'.", "Did you mean 'sea'?", at=place.standing),
    use("pipeline logs sea", 1, "There is no pipeline yet.", "lake bootstrap"),
)
