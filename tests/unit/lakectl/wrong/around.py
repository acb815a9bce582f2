"""What goes wrong around a verb, whatever the verb: the folder, the environment, the cloud, the credentials."""

from __future__ import annotations

from unit.lakectl.wrong import place
from unit.lakectl.wrong.use import Use, use

NO_CHECKOUT = ("No lake.yaml in ", "Run the command inside the lake's repository.")
NO_CLOUD = ("dev is the cloud on this laptop, and it is not running.", "Start it: lake local up")
NO_KEYS = ("there are no credentials", "AWS_PROFILE", "aws configure")
OTHER_KEYS = ("dev is account 999999999999", "these credentials belong to 123456789012", "AWS_PROFILE")


def outside(typed: str) -> Use:
    return use(typed, 1, *NO_CHECKOUT, at=place.nowhere)


def unclear_environment(typed: str, code: int = 2) -> tuple[Use, ...]:
    """Of a verb with --env. `code`: how wrong usage of it ends."""
    return (
        use(f"{typed} --env de", 1, "lake.yaml has no environment 'de'.", "Did you mean 'dev'?"),
        use(typed, 1, "lake.yaml has no environment 'de'.", "Known: dev.", at=place.misspelt_variable),
        use(f"{typed} --env", code, "Option '--env' requires an argument"),
        use(typed, 1, "lake.yaml:4:9: environments.dev.acount", "Did you mean 'account'?", at=place.broken_lake_yaml),
    )


def without_cloud(typed: str) -> Use:
    return use(typed, 1, *NO_CLOUD, at=place.laptop)


def odd_credentials(typed: str) -> tuple[Use, ...]:
    """Of verbs that could do harm: all that speak to AWS end alike, and each attempt takes its time."""
    return (
        use(typed, 1, *NO_KEYS, at=place.keyless),
        use(typed, 1, *OTHER_KEYS, at=place.another_account),
        use(typed, 1, "The config profile (prodd) could not be found", "AWS_PROFILE", at=place.no_such_profile),
    )
