"""Wrong uses of `lake local up`."""

from __future__ import annotations

from unit.lakectl.wrong import place
from unit.lakectl.wrong.around import outside, unclear_environment, unreachable
from unit.lakectl.wrong.use import use

USES = (
    outside("local up"),
    use("local", 2, "lake local", "up"),
    use("local upp", 2, "No such command 'upp'. Did you mean 'up'?"),
    use("local up now", 2, "unexpected extra argument (now)", "lake local up --help"),
    use("local up --env dev", 2, "No such option: --env", "lake local up --help"),
    use("local up --workers 0", 2, "Invalid value for '--workers': 0 is not in the range 1<=x<=8."),
    use("local up --workers many", 2, "Invalid value for '--workers': 'many' is not a valid integer"),
    use("local up", 1, "lake.yaml:4:9: environments.dev.acount", "'account'", at=place.broken_lake_yaml),
    use("local up", 1, "The cloud's environment is missing at", "make setup", at=place.laptop),
    use("local up", 1, "of this clone's cloud is taken by another program", "lake local reset", at=place.taken_port),
    use("local up", 1, "/.lake", "Not a directory", at=place.odd_state),
)
