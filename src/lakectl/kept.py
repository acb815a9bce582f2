"""What stacks left behind when they were deleted: remembered, taken over by the next deployment, or removed by name.

CloudFormation takes an existing resource over only in an import of its own, and an import may hold nothing else:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources-manually.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from botocore.exceptions import ClientError

from lakectl.lint.document import read
from lakectl.target import Target

IDENTIFIER = {
    "AWS::S3::Bucket": "BucketName",
    "AWS::DynamoDB::Table": "TableName",
    "AWS::KMS::Key": "KeyId",
    "AWS::Glue::Database": "DatabaseName",
}
"""What names a resource of each type that is ever retained, in an import."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A resource that outlives its stack: its logical name there, its type, and what AWS calls it."""

    logical: str
    type: str
    physical: str


def kept_by(target: Target, stack: str) -> list[Kept]:
    """What a standing stack would leave behind."""
    client = target.client("cloudformation")
    body = client.get_template(StackName=stack)["TemplateBody"]
    declared = (read(body) if isinstance(body, str) else body).get("Resources", {})
    retained = {
        name for name, resource in declared.items() if str(resource.get("DeletionPolicy", "")).startswith("Retain")
    }
    pages = client.get_paginator("list_stack_resources").paginate(StackName=stack)
    return [
        Kept(one["LogicalResourceId"], one["ResourceType"], one["PhysicalResourceId"])
        for page in pages
        for one in page["StackResourceSummaries"]
        if one["LogicalResourceId"] in retained and one.get("PhysicalResourceId")
    ]


def remember(target: Target, stack: str, kept: Sequence[Kept]) -> None:
    """Write down what a stack leaves behind; nothing, and there is nothing to remember."""
    if not kept:
        forget(target, stack)
        return
    told = json.dumps([asdict(one) for one in kept])
    target.client("ssm").put_parameter(Name=_place(target, stack), Type="String", Value=told, Overwrite=True)


def forget(target: Target, stack: str) -> None:
    try:
        target.client("ssm").delete_parameter(Name=_place(target, stack))
    except ClientError as error:
        if error.response["Error"]["Code"] != "ParameterNotFound":
            raise


def remembered(target: Target) -> dict[str, list[Kept]]:
    """What is left of stacks that are gone, by their names."""
    folder = _place(target, "")
    pages = target.client("ssm").get_paginator("get_parameters_by_path").paginate(Path=folder.rstrip("/"))
    return {
        f"{target.prefix}-{one['Name'].removeprefix(folder)}": [Kept(**each) for each in json.loads(one["Value"])]
        for page in pages
        for one in page["Parameters"]
    }


def import_template(target: Target, kept: Sequence[Kept]) -> str:
    """A template of nothing but what is to be taken over; the deployment that follows says the rest."""
    resources = {
        one.logical: {
            "Type": one.type,
            "DeletionPolicy": "Retain",
            "UpdateReplacePolicy": "Retain",
            "Properties": dict(_properties(target, one)),
        }
        for one in kept
    }
    return json.dumps({"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources})


def to_import(kept: Sequence[Kept]) -> list[dict[str, Any]]:
    """The same as the list that an import asks for."""
    return [
        {
            "ResourceType": one.type,
            "LogicalResourceId": one.logical,
            "ResourceIdentifier": {IDENTIFIER[one.type]: one.physical},
        }
        for one in kept
    ]


def _properties(target: Target, one: Kept) -> Iterator[tuple[str, Any]]:
    """What the type's schema requires, as it is; a name only where the room's template says it as well."""
    if one.type == "AWS::S3::Bucket":
        yield "BucketName", one.physical
    elif one.type == "AWS::KMS::Key":
        yield "EnableKeyRotation", True
    elif one.type == "AWS::Glue::Database":
        yield "CatalogId", target.account
        yield "DatabaseInput", {"Name": one.physical}
    elif one.type == "AWS::DynamoDB::Table":
        table = target.client("dynamodb").describe_table(TableName=one.physical)["Table"]
        yield "KeySchema", table["KeySchema"]
        yield "AttributeDefinitions", table["AttributeDefinitions"]
        yield "BillingMode", "PAY_PER_REQUEST"


def _place(target: Target, stack: str) -> str:
    return f"/lake/{target.domain}/{target.environment}/kept/{stack.removeprefix(f'{target.prefix}-')}"
