"""Wrong uses of `lake invoke`. What needs functions that are deployed is in tests/sam."""

from __future__ import annotations

from unit.lakectl.wrong import place
from unit.lakectl.wrong.around import outside
from unit.lakectl.wrong.use import use

USES = (
    outside("invoke Route a.csv"),
    use("invoke", 2, "Missing argument 'name'", "lake invoke --help"),
    use("invoke Rout a.csv", 1, "The lake has no function 'Rout'.", "Did you mean 'Route'?"),
    use("invoke Route", 1, "Say what the call is about, once", "--event FILE"),
    use("invoke Route a.csv --event odd/list.json", 1, "Say what the call is about, once", "--event FILE"),
    use(
        "invoke Route --replay b1", 1, "A batch is staged again by StageA, not by Route: lake invoke StageA --replay b1"
    ),
    use("invoke Route --event odd/none.json", 1, "odd/none.json cannot be read: No such file"),
    use("invoke Route --event odd", 1, "odd cannot be read: Is a directory"),
    use("invoke Route --event odd/empty.json", 1, "odd/empty.json is empty"),
    use("invoke Route --event odd/half.json", 1, "odd/half.json:2:14: this is no JSON"),
    use("invoke Route --event odd/bytes.json", 1, "odd/bytes.json", "UTF-8"),
    use(
        "invoke Route a.csv --debug-port 0",
        2,
        "Invalid value for '--debug-port': '0' is no whole number from 1 to 65535.",
    ),
    use("invoke StageA a.csv --team see", 1, "There is no team 'see' in team/.", "Did you mean 'sea'?"),
    use("invoke Route a.csv", 1, "calls functions of the local cloud", "aws lambda invoke"),
    use("invoke Route a.csv", 1, "it is not running", "lake local up", at=place.laptop),
    use("invoke Route a.csv --env dev", 2, "No such option: --env"),
)
