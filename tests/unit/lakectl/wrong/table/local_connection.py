"""Wrong uses of `lake local connection confirm`."""

from __future__ import annotations

from unit.lakectl.wrong import place
from unit.lakectl.wrong.around import outside, unclear_environment, without_cloud
from unit.lakectl.wrong.use import use

CONFIRM = "local connection confirm"
USES = (
    outside(CONFIRM),
    *unclear_environment(CONFIRM),
    without_cloud(CONFIRM),
    use(CONFIRM, 1, "of AWS: confirm its connection at https://", "console.aws.amazon.com/codesuite/settings"),
    use("local connection confrm", 2, "No such command 'confrm'. Did you mean 'confirm'?"),
    use(f"{CONFIRM} one another", 2, "unexpected extra argument", "lake local connection confirm --help"),
    use(f"{CONFIRM} --yes", 2, "No such option: --yes", "lake local connection confirm --help"),
    use(f"{CONFIRM} --json", 2, "No such option: --json", "lake local connection confirm --help"),
    use(CONFIRM, 1, "the file holds nothing, not a mapping.", at=place.empty_lake_yaml),
)
