"""Wrong uses of `lake pipeline retry`."""

from __future__ import annotations

from unit.lakectl.wrong import place
from unit.lakectl.wrong.around import outside, unclear_environment, without_cloud
from unit.lakectl.wrong.use import use

USES = (
    outside("pipeline retry"),
    *unclear_environment("pipeline retry"),
    without_cloud("pipeline retry"),
    use("pipeline retry sea land", 2, "unexpected extra argument(s) (land)", "lake pipeline retry --help"),
    use("pipeline retry --as sea", 2, "No such option: --as", "lake pipeline retry --help"),
    use("pipeline retry see", 1, "No pipeline of 'see'.", "Did you mean 'sea'?", at=place.standing),
    use("pipeline retry sea", 1, "There is no pipeline yet.", "lake bootstrap"),
)
