"""Wrong uses of `lake run-state`."""

from __future__ import annotations

from unit.lakectl.wrong import place
from unit.lakectl.wrong.around import outside, unclear_environment, without_cloud
from unit.lakectl.wrong.use import use

USES = (
    outside("run-state stage-b 'Plan run' --event odd/list.json"),
    *unclear_environment("run-state stage-b 'Plan run' --event odd/list.json"),
    without_cloud("run-state stage-b 'Plan run' --event odd/list.json"),
    use("run-state", 2, "Missing argument 'machine'", "lake run-state --help"),
    use("run-state stage-b", 2, "Missing argument 'name'", "lake run-state --help"),
    use("run-state stage-b 'Plan run'", 2, "Missing option '--event'", "lake run-state --help"),
    use("run-state stage-c 'Plan run' --event odd/list.json", 1, "There is no state machine 'stage-c'.", "'stage-b'"),
    use("run-state stage-b Plan run --event odd/list.json", 2, "unexpected extra argument(s) (run)", "quotes"),
    use("run-state stage-b 'Plan run' --event odd/none.json", 1, "odd/none.json cannot be read: No such file"),
    use("run-state stage-b 'Plan run' --event odd/half.json", 1, "odd/half.json:2:14: this is no JSON"),
    use(
        "run-state stage-b 'Plan run' --event odd/list.json --variables odd/list.json",
        1,
        "odd/list.json holds [1, 2]; variables are a JSON object",
    ),
    use("run-state stage-b 'Plan run' --event odd/list.json --team see", 1, "There is no team 'see'", "'sea'"),
    use("run-state stage-b 'Plan run' --event odd/list.json", 1, "dev has no stage-b of sea yet", "`lake deploy`"),
    use(
        "run-state stage-b 'Plan rn' --event odd/list.json",
        1,
        "has no state 'Plan rn'.",
        "Did you mean 'Plan run'?",
        at=place.standing,
    ),
)
