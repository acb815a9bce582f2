"""Wrong uses of `lake local logs`."""

from __future__ import annotations

from unit.lakectl.wrong import place
from unit.lakectl.wrong.around import outside, unclear_environment, without_cloud
from unit.lakectl.wrong.use import use

USES = (
    outside("local logs"),
    *unclear_environment("local logs"),
    without_cloud("local logs"),
    use("local logs stage-a route", 2, "unexpected extra argument(s) (route)", "lake local logs --help"),
    use("local logs --since yesterday", 2, "Invalid value for --since: 'yesterday' is not a duration.", "'5 minutes'"),
    use("local logs --since '5 mintes'", 2, "'mintes' is not a unit of time.", "Did you mean 'minutes'?"),
    use("local logs --since '0 hours'", 2, "a duration must be longer than nothing."),
    use("local logs --since '999999 years'", 2, "Invalid value for --since: '999999 years'"),
    use("local logs stage-a --follow --json", 2, "it never ends, and --json prints one document at the end."),
    use("local logs --follow", 2, "it follows one log: give its name.", "`lake local logs` lists them."),
    use("local logs stage-a", 1, "dev has no logs: nothing is deployed.", "Run `lake deploy` first."),
    use("local logs stge-a", 1, "dev has no log 'stge-a'.", "Did you mean 'sea/stage-a'?", at=place.standing),
    use("local logs stage-a", 1, "dev is on AWS: aws logs tail /lake/tidal/dev/sea/stage-a", at=place.standing),
)
