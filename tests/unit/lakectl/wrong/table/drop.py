"""Wrong uses of `lake drop`."""

from __future__ import annotations

from unit.lakectl.wrong import place
from unit.lakectl.wrong.around import odd_credentials, outside, unclear_environment, without_cloud
from unit.lakectl.wrong.use import use

USES = (
    outside("drop ships.csv -d sea.ships"),
    *unclear_environment("drop odd/ships.csv -d sea.ships"),
    without_cloud("drop odd/ships.csv -d sea.ships"),
    *odd_credentials("drop odd/ships.csv -d sea.ships"),
    use("drop", 2, "Missing argument 'files'", "lake drop --help"),
    use("drop odd/ships.csv", 2, "Missing option '--dataset'", "lake drop --help"),
    use("drop odd/ships.csv -d sea.ship", 1, "'sea.ship' is not a dataset.", "Did you mean 'sea.ships'?"),
    use("drop odd/ships.csv -d sea.calls", 1, "'sea.calls' takes no files", "Drop files for its inputs"),
    use("drop odd/shps.csv -d sea.ships", 1, "No such file: odd/shps.csv", "Did you mean 'odd/ships.csv'?"),
    use("drop odd -d sea.ships", 1, "this is a folder: odd.", "Name its files: odd/*"),
    use(
        "drop odd/ships.csv odd/again/ships.csv -d sea.ships",
        1,
        "would be one object: ships.csv.",
        "one after the other",
    ),
    use("drop odd/unreadable.csv -d sea.ships", 1, "odd/unreadable.csv cannot be read", at=place.standing),
    use("drop odd/ships.csv -d sea.ships --json", 1, "dev has no storage of platform yet", "Run `lake deploy` first."),
)
