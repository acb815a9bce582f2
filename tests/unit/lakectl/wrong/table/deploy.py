"""Wrong uses of `lake deploy`."""

from __future__ import annotations

from unit.lakectl.wrong import place
from unit.lakectl.wrong.around import odd_credentials, outside, unclear_environment, without_cloud
from unit.lakectl.wrong.use import use

USES = (
    outside("deploy"),
    *unclear_environment("deploy"),
    without_cloud("deploy"),
    *odd_credentials("deploy"),
    use("deploy dev", 2, "unexpected extra argument(s) (dev)", "lake deploy --help"),
    use("deploy --yes", 2, "No such option: --yes", "lake deploy --help"),
    use("deploy --wait soon", 2, "Invalid value for --wait: 'soon' is not a duration.", "Write it like '5 minutes'."),
    use("deploy --wait '5 mintes'", 2, "'mintes' is not a unit of time.", "Did you mean 'minutes'?"),
    use("deploy --wait '0 minutes'", 2, "a duration must be longer than nothing."),
    use("deploy --as platfrm", 1, "No owner 'platfrm'.", "Did you mean 'platform'?"),
    use("deploy --rollback-to v1", 1, "'v1' is no commit of this repository.", "in no git repository"),
    use("deploy --json", 1, "'timestmp' is not a type.", "Did you mean 'timestamp'?", at=place.broken_dataset),
    use("deploy", 1, "'prt' is not a column. Did you mean 'port'?", at=place.broken_sql),
    use("deploy --env pr-1 --as sea", 1, "The branch pr-1 takes --json alone"),
)
