"""Actions of CodePipeline on S3: an object as a source, an artifact as an object.

Sources: https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-S3.html
https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-S3Deploy.html
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lakelocal.inside.cicd.pipeline_actions import Acting

LOOKS = ("s3:GetBucketVersioning", "s3:GetBucketLocation", "s3:GetBucketAcl")
"""What CodePipeline asks of a source bucket beside its object."""


def take(at: Acting) -> dict[str, str]:
    """The latest version of an object, or the one that was asked for, as an artifact."""
    bucket, key = at.settings["S3Bucket"], at.settings["S3ObjectKey"]
    for action in LOOKS:
        at.demand(action, f"arn:aws:s3:::{bucket}")
    wanted = at.execution["wanted"].get(at.action["name"])
    found = at.client("s3").get_object(Bucket=bucket, Key=key, **({"VersionId": wanted} if wanted else {}))
    content, etag = found["Body"].read(), found["ETag"].strip('"')
    version = found.get("VersionId", etag)
    (artifact,) = at.action["outputArtifacts"]
    at.put(artifact["name"], content)
    at.execution["revisions"][at.action["name"]] = {
        "name": artifact["name"],
        "revisionId": version,
        "revisionSummary": f"Amazon S3 version id: {version}",
        "created": time.time(),
    }
    return {"BucketName": bucket, "ETag": etag, "ObjectKey": key, "VersionId": version}


def keep(at: Acting) -> dict[str, str]:
    """An artifact as it is, under a key."""
    (artifact,) = at.action["inputArtifacts"]
    client = at.client("s3")
    content = client.get_object(Bucket=at.bucket, Key=at.execution["artifacts"][artifact["name"]])["Body"].read()
    client.put_object(Bucket=at.settings["BucketName"], Key=at.settings["ObjectKey"], Body=content)
    return {}
