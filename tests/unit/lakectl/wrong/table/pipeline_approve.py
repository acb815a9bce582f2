"""Wrong uses of `lake pipeline approve`."""

from __future__ import annotations

from unit.lakectl.wrong import place
from unit.lakectl.wrong.around import outside, unclear_environment, without_cloud
from unit.lakectl.wrong.use import use

USES = (
    outside("pipeline approve"),
    *unclear_environment("pipeline approve"),
    without_cloud("pipeline approve"),
    use("pipeline approve sea land", 2, "unexpected extra argument(s) (land)", "lake pipeline approve --help"),
    use("pipeline approve --as sea", 2, "No such option: --as", "lake pipeline approve --help"),
    use("pipeline approve see", 1, "No pipeline of 'see'.", "Did you mean 'sea'?", at=place.standing),
    use("pipeline approve sea", 1, "There is no pipeline yet.", "lake bootstrap"),
)
