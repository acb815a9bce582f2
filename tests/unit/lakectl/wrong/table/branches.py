"""Wrong uses of `lake branches`."""

from __future__ import annotations

from unit.lakectl.wrong import place
from unit.lakectl.wrong.around import odd_credentials, outside, without_cloud
from unit.lakectl.wrong.use import use

USES = (
    outside("branches"),
    without_cloud("branches"),
    *odd_credentials("branches"),
    use("branches", 1, "lake.yaml:4:9: environments.dev.acount", "Did you mean 'account'?", at=place.broken_lake_yaml),
    use("branches", 1, "dev has no artifacts of platform yet", "lake deploy"),
    use("branches pr-1", 2, "'pr-1' is no whole number from 1.", "lake branches --help"),
    use("branches 1 2", 2, "unexpected extra argument(s) (2)", "lake branches --help"),
    use("branches --env dev", 2, "No such option: --env", "lake branches --help"),
)
