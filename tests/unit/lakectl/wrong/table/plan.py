"""Wrong uses of `lake plan`, which end with 1: 2 says that there is something to deploy."""

from __future__ import annotations

from unit.lakectl.wrong import place
from unit.lakectl.wrong.around import odd_credentials, outside, unclear_environment, without_cloud
from unit.lakectl.wrong.use import use

USES = (
    outside("plan"),
    *unclear_environment("plan", code=1),
    without_cloud("plan"),
    *odd_credentials("plan"),
    use("plan aviation", 1, "unexpected extra argument(s) (aviation)", "lake plan --help"),
    use("plan --json --markdown", 1, "--json and --markdown exclude each other."),
    use("plan --as see", 1, "No owner 'see'.", "Did you mean 'sea'?"),
    use("plan --as sea", 1, "dev has no deployer of sea yet", "lake deploy"),
    use("plan --rollback-to v1", 1, "'v1' is no commit of this repository.", "in no git repository"),
    use("plan --overwrite-drift x", 1, "No such option: --overwrite-drift", "lake plan --help"),
    use("plan --allow-replacement", 1, "Option '--allow-replacement' requires an argument"),
    use("plan --json", 1, "'timestmp' is not a type.", at=place.broken_dataset),
    use("plan --env pr-1", 1, "pr-1 is the branch of a pull request.", "everything else is done in dev"),
)
