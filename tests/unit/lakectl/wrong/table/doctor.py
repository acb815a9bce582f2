"""Wrong uses of `lake doctor`."""

from __future__ import annotations

from unit.lakectl.wrong import place
from unit.lakectl.wrong.around import outside, unclear_environment
from unit.lakectl.wrong.use import use

USES = (
    outside("doctor"),
    *unclear_environment("doctor"),
    use("doctor --fidelty", 2, "No such option: --fidelty", "--fidelity"),
    use("doctor now", 2, "unexpected extra argument(s) (now)", "lake doctor --help"),
    use("doctor", 1, "the file holds nothing, not a mapping.", at=place.empty_lake_yaml),
    use("doctor", 1, "credentials", "999999999999", "must be mended", at=place.another_account),
    use("doctor", 1, "credentials", "AWS_PROFILE", "must be mended", at=place.keyless),
    use("doctor", 1, "AWS_PROFILE", "prodd", at=place.no_such_profile),
    use("doctor --json", 1, '"good": false', "lake local up", at=place.laptop),
)
