"""Wrong uses of `lake verify`."""

from __future__ import annotations

from unit.lakectl.wrong import place
from unit.lakectl.wrong.around import outside, unclear_environment, without_cloud
from unit.lakectl.wrong.use import use

USES = (
    outside("verify"),
    *unclear_environment("verify"),
    without_cloud("verify"),
    use("verify sea.ships", 2, "unexpected extra argument(s) (sea.ships)", "lake verify --help"),
    use("verify --as see", 1, "No owner 'see'.", "Did you mean 'sea'?"),
    use("verify --own sea", 2, "No such option: --own", "lake verify --help"),
    use("verify", 1, "table sea.ships", "lake deploy", "Not good."),
    use("verify --json", 1, "'timestmp' is not a type.", at=place.broken_dataset),
)
