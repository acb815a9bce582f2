"""Wrong uses of `lake run-job`. What needs a job that is deployed is in tests/sam."""

from __future__ import annotations

from unit.lakectl.wrong import place
from unit.lakectl.wrong.around import outside
from unit.lakectl.wrong.use import use

USES = (
    outside("run-job stage-b --args '--plan s3://a --result s3://b'"),
    use("run-job", 2, "Missing argument 'name'", "lake run-job --help"),
    use("run-job stage-b", 2, "Missing option '--args'", "lake run-job --help"),
    use(
        "run-job stage-c --args '--plan s3://a --result s3://b'",
        1,
        "There is no job 'stage-c'.",
        "Did you mean 'stage-b'?",
    ),
    use("run-job stage-b --args ''", 1, "--args lacks --plan, --result and holds nothing"),
    use("run-job stage-b --args '--paln s3://a --result s3://b'", 1, "--args lacks --plan and holds only --paln"),
    use("run-job stage-b --args s3://plan", 1, "--args holds 's3://plan'", "--plan s3://… --result s3://…"),
    use("run-job stage-b --args '--plan s3://a --result'", 1, "--args holds", "--plan s3://… --result s3://…"),
    use('run-job stage-b --args "--plan \'s3"', 1, "--args holds", "--plan s3://… --result s3://…"),
    use(
        "run-job stage-b --args '--plan s3://a --result s3://b' --debug-port http",
        2,
        "Invalid value for '--debug-port': 'http' is no whole number from 1 to 65535.",
    ),
    use(
        "run-job stage-b --args '--plan s3://a --result s3://b' --team see",
        1,
        "There is no team 'see' in team/.",
        "Did you mean 'sea'?",
    ),
    use("run-job stage-b --args '--plan s3://a --result s3://b'", 1, "runs on this laptop", "lake run"),
    use(
        "run-job stage-b --args '--plan s3://a --result s3://b'",
        1,
        "it is not running",
        "lake local up",
        at=place.laptop,
    ),
    use("run-job stage-b now --args '--plan s3://a --result s3://b'", 2, "unexpected extra argument(s) (now)"),
)
