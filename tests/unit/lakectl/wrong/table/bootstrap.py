"""Wrong uses of `lake bootstrap`."""

from __future__ import annotations

from unit.lakectl.wrong import place
from unit.lakectl.wrong.around import odd_credentials, outside, unclear_environment, without_cloud
from unit.lakectl.wrong.use import use

USES = (
    outside("bootstrap"),
    *unclear_environment("bootstrap"),
    without_cloud("bootstrap"),
    *odd_credentials("bootstrap"),
    use("bootstrap aviation", 2, "unexpected extra argument(s) (aviation)", "lake bootstrap --help"),
    use("bootstrap --prnt", 2, "No such option: --prnt", "--print"),
    use("bootstrap --as sea", 2, "No such option: --as", "lake bootstrap --help"),
    use("bootstrap", 1, "'timestmp' is not a type.", at=place.broken_dataset),
    use("bootstrap --json", 1, "the file holds nothing, not a mapping.", at=place.empty_lake_yaml),
)
