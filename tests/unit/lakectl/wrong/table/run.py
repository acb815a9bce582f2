"""Wrong uses of `lake run`."""

from __future__ import annotations

from unit.lakectl.wrong import place
from unit.lakectl.wrong.around import outside, unclear_environment, without_cloud
from unit.lakectl.wrong.use import use

USES = (
    outside("run sea.ships"),
    *unclear_environment("run sea.ships"),
    without_cloud("run sea.ships"),
    use("run", 2, "Missing argument 'dataset'", "lake run --help"),
    use("run sea.shps", 1, "'sea.shps' is not a dataset.", "Did you mean 'sea.ships'?"),
    use("run ships", 1, "'ships' is not a dataset.", "Did you mean 'sea.ships'?"),
    use("run sea ships", 2, "unexpected extra argument(s) (ships)", "lake run --help"),
    use("run sea.ships --no-wiat", 2, "No such option: --no-wiat", "--no-wait"),
    use("run sea.ships --json", 1, "dev has no stage-b of sea yet", "Run `lake deploy` first."),
    use(
        "run sea.ships",
        1,
        "'sea.ships' is not a dataset. Add datasets/<team>/<dataset>/dataset.yaml.",
        at=place.no_team,
    ),
)
