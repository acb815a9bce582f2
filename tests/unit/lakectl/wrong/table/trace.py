"""Wrong uses of `lake trace`."""

from __future__ import annotations

from unit.lakectl.wrong import place
from unit.lakectl.wrong.around import outside, unclear_environment, without_cloud
from unit.lakectl.wrong.use import use

USES = (
    outside("trace sea/ships/a.csv"),
    *unclear_environment("trace sea/ships/a.csv"),
    without_cloud("trace sea/ships/a.csv"),
    use("trace", 2, "Missing argument 'address'", "lake trace --help"),
    use("trace a.csv b.csv", 2, "unexpected extra argument(s) (b.csv)"),
    use("trace sea/ships/a.csv", 1, "dev has no ledger of platform yet", "Run `lake deploy` first."),
    use("trace ''", 1, "'' names no object.", "s3://tidal-raw/<key>", at=place.standing),
    use("trace s3://tidal-raw/", 1, "names no object.", "s3://tidal-raw/<key>", at=place.standing),
    use("trace s3://tidal-row/a.csv", 1, "Objects arrive in s3://tidal-raw/", "'tidal-row'", at=place.standing),
    use("trace s3:/tidal-raw/a.csv", 1, "s3://tidal-raw/<key>", at=place.standing),
    use("trace https://tidal-raw.s3.amazonaws.com/a.csv", 1, "s3://tidal-raw/<key>", at=place.standing),
    use(
        "trace sea/ships/a.csv --json",
        1,
        "never told of s3://tidal-raw/sea/ships/a.csv",
        "aws s3 ls",
        at=place.standing,
    ),
)
