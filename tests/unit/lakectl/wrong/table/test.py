"""Wrong uses of `lake test`."""

from __future__ import annotations

from unit.lakectl.wrong import place
from unit.lakectl.wrong.around import outside, unclear_environment
from unit.lakectl.wrong.use import use

USES = (
    outside("test"),
    *unclear_environment("test"),
    use("test sea.shps", 1, "'sea.shps' is not a dataset.", "Did you mean 'sea.ships'?"),
    use("test sea", 1, "'sea' is not a dataset.", "Known: sea.calls, sea.ports, sea.ships."),
    use("test --team see", 2, "no team 'see'.", "Did you mean 'sea'?"),
    use("test --team", 2, "Option '--team' requires an argument"),
    use("test --datset sea.ships", 2, "No such option: --datset", "lake test --help"),
    use("test", 1, "dataset.yaml:9:", "'timestmp' is not a type.", "1 mistake to correct.", at=place.broken_dataset),
    use("test --json", 1, "'prt' is not a column.", at=place.broken_sql),
    use("test sea.ships", 1, "sea.ships", "sample"),
)
