"""Wrong uses of `lake local up`."""

from __future__ import annotations

from unit.lakectl.wrong import place
from unit.lakectl.wrong.around import outside
from unit.lakectl.wrong.use import use

USES = (
    outside("local up"),
    use("local --workers 2 up", 2, "No such option: --workers", "lake local --help"),
    use("local upp", 2, "No such command 'upp'. Did you mean 'up'?"),
    use("local up now", 2, "unexpected extra argument(s) (now)", "lake local up --help"),
    use("local up --env dev", 2, "No such option: --env", "lake local up --help"),
    use("local up --workers 0", 2, "Invalid value for '--workers': '0' is no whole number from 1 to 8."),
    use("local up --workers many", 2, "Invalid value for '--workers': 'many' is no whole number from 1 to 8."),
    use("local up", 1, "lake.yaml:4:9: environments.dev.acount", "'account'", at=place.broken_lake_yaml),
    use("local up", 1, "The cloud's environment is missing at", "make setup", at=place.laptop),
    use("local up", 1, "of this clone's cloud is taken by another program", "lake local reset", at=place.taken_port),
    use("local up", 1, "/.lake/cloud/port holds no number.", "Delete it", at=place.odd_port),
    use("local up", 1, "/.lake", "Not a directory", at=place.odd_state),
)
