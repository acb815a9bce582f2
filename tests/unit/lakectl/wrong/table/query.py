"""Wrong uses of `lake query`. What only Athena can say is in tests/local."""

from __future__ import annotations

from unit.lakectl.wrong import place
from unit.lakectl.wrong.around import odd_credentials, outside, unclear_environment, without_cloud
from unit.lakectl.wrong.use import use

USES = (
    outside("query 'select 1'"),
    *unclear_environment("query 'select 1'"),
    without_cloud("query 'select 1'"),
    *odd_credentials("query 'select 1'"),
    use("query", 2, "Missing argument 'sql'", "lake query --help"),
    use("query select 1", 2, "unexpected extra argument(s) (1)", "quotes"),
    use("query ''", 1, "There is nothing to ask.", 'lake query "show tables"', at=place.standing),
    use("query 'drop table sea.ships'", 1, "DROP is refused", at=place.standing),
    use(
        "query 'select 1; select 2'", 1, "asks one question at a time, and these are 2", "one by one", at=place.standing
    ),
    use("query 'select 1' --rows 0", 2, "Invalid value for '--rows': '0' is no whole number from 1."),
    use("query 'select 1' --rows ten", 2, "Invalid value for '--rows': 'ten' is no whole number from 1."),
    use("query 'select 1' --json", 1, "dev has no team of sea yet", "Run `lake deploy` first."),
    use("query 'select 1'", 1, "There is no team in team/", "team/<team>.yaml", at=place.no_team),
    use("query odd/report.sql", 1, "odd/report.sql is a file", 'lake query "$(cat odd/report.sql)"'),
)
