"""The doubles of branches that stand, as the artifact bucket knows them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from botocore.exceptions import ClientError

from lakectl.branch.name import number_in
from lakectl.smoke.removal import KEPT
from lakectl.specs.lake import Cicd
from lakectl.specs.name import DOUBLE
from lakectl.target import Target


@dataclass(frozen=True, slots=True)
class Twin:
    """The double of a dataset on the branch of a pull request, and the version that it is."""

    number: str
    team: str
    double: str
    digest: str
    made: datetime

    @property
    def dataset(self) -> str:
        return self.double.partition(DOUBLE)[0]

    @property
    def name(self) -> str:
        return f"{self.team}.{self.dataset}"

    @property
    def expires(self) -> datetime:
        return self.made + KEPT


def standing(target: Target, number: str | None = None) -> list[Twin]:
    """Those of one pull request, or of all; the latest version of each."""
    bucket = target.setting("artifacts", "platform", "bucket")
    found: dict[str, Twin] = {}
    for page in target.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix="datasets/"):
        for one in page.get("Contents", []):
            _, team, double, file = one["Key"].split("/")
            if (of := number_in(double)) is None or number not in (None, of):
                continue
            twin = Twin(of, team, double, file.removesuffix(".json"), one["LastModified"])
            key = f"{team}/{double}"
            if key not in found or found[key].made < twin.made:
                found[key] = twin
    return sorted(found.values(), key=lambda one: (int(one.number), one.name))


def closed(target: Target, cicd: Cicd, twins: Sequence[Twin]) -> Iterator[str]:
    """The pull requests of these that are merged or closed. Only CodeCommit is asked; the others' branches expire."""
    if cicd.provider != "CodeCommit":
        return
    client = target.client("codecommit")
    for number in sorted({one.number for one in twins}):
        try:
            told = client.get_pull_request(pullRequestId=number)["pullRequest"]
        except ClientError as error:
            if error.response["Error"]["Code"] != "PullRequestDoesNotExistException":
                raise
            continue
        if told["pullRequestStatus"] == "CLOSED":
            yield number
