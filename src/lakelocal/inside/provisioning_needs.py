"""What each type of resource asks of whoever provisions it: the actions that CloudFormation calls, and on what.

Reviewed against the handlers of the types' own schemas; a test keeps every action within them. Actions that only
read are listed where a handler cannot say what it made without them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

ANYTHING = "@*"
"""Ends an action that names no resource, or one that is not there yet."""


@dataclass(frozen=True, slots=True)
class Needs:
    """`arn` holds `{name}`, which is the value of the property `name`, or what CloudFormation made up; or a property.

    `properties`: the actions that one more property asks for, at creation and where it changes. `passes`: properties
    that hold a role, and the service that it is passed to. `fetches`: properties that say where in S3 something is.
    `lends`: where the properties name connections that are passed on.
    """

    arn: tuple[str, ...]
    name: str
    create: tuple[str, ...]
    update: tuple[str, ...]
    delete: tuple[str, ...]
    properties: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    passes: Mapping[str, str] = field(default_factory=dict)
    fetches: tuple[str, ...] = ()
    lends: str = ""

    def actions(self) -> set[str]:
        """Every action that the type may ask for on its own resource."""
        found = {*self.create, *self.update, *self.delete}
        found.update(action for each in self.properties.values() for action in each)
        return {action.removesuffix(ANYTHING) for action in found}


def _needs(
    arn: str,
    name: str,
    create: str,
    update: str,
    delete: str,
    properties: Mapping[str, str] | None = None,
    passes: Mapping[str, str] | None = None,
    fetches: str = "",
    lends: str = "",
) -> Needs:
    return Needs(
        arn=tuple(arn.split()),
        name=name,
        create=tuple(create.split()),
        update=tuple(update.split()),
        delete=tuple(delete.split()),
        properties={key: tuple(value.split()) for key, value in (properties or {}).items()},
        passes=passes or {},
        fetches=tuple(fetches.split()),
        lends=lends,
    )


TYPES: dict[str, Needs] = {
    "AWS::Athena::WorkGroup": _needs(
        "arn:aws:athena:{region}:{account}:workgroup/{name}",
        "Name",
        "athena:CreateWorkGroup",
        "athena:UpdateWorkGroup",
        "athena:DeleteWorkGroup athena:GetWorkGroup",
        {"Tags": "athena:TagResource"},
    ),
    "AWS::Budgets::Budget": _needs(
        "arn:aws:budgets::{account}:budget/{name}",
        "Budget.BudgetName",
        "budgets:ModifyBudget",
        "budgets:ModifyBudget",
        "budgets:ModifyBudget",
        {"ResourceTags": "budgets:TagResource"},
    ),
    "AWS::CloudTrail::Trail": _needs(
        "arn:aws:cloudtrail:{region}:{account}:trail/{name}",
        "TrailName",
        "CloudTrail:CreateTrail CloudTrail:StartLogging",
        "CloudTrail:UpdateTrail CloudTrail:StartLogging",
        "CloudTrail:DeleteTrail",
        {"Tags": "CloudTrail:AddTags"},
    ),
    "AWS::CloudWatch::Alarm": _needs(
        "arn:aws:cloudwatch:{region}:{account}:alarm:{name}",
        "AlarmName",
        "cloudwatch:PutMetricAlarm cloudwatch:DescribeAlarms",
        "cloudwatch:PutMetricAlarm cloudwatch:DescribeAlarms",
        "cloudwatch:DeleteAlarms cloudwatch:DescribeAlarms",
        {"Tags": "cloudwatch:TagResource"},
    ),
    "AWS::CloudWatch::Dashboard": _needs(
        "arn:aws:cloudwatch::{account}:dashboard/{name}",
        "DashboardName",
        "cloudwatch:PutDashboard cloudwatch:GetDashboard",
        "cloudwatch:PutDashboard",
        "cloudwatch:DeleteDashboards cloudwatch:GetDashboard",
        {"Tags": "cloudwatch:TagResource"},
    ),
    "AWS::CodeBuild::Project": _needs(
        "arn:aws:codebuild:{region}:{account}:project/{name}",
        "Name",
        "codebuild:CreateProject",
        "codebuild:UpdateProject",
        "codebuild:DeleteProject",
        passes={"ServiceRole": "codebuild.amazonaws.com"},
    ),
    "AWS::CodeCommit::Repository": _needs(
        "arn:aws:codecommit:{region}:{account}:{name}",
        "RepositoryName",
        "codecommit:CreateRepository codecommit:GetRepository",
        "codecommit:GetRepository",
        "codecommit:DeleteRepository",
        {"Tags": "codecommit:TagResource"},
    ),
    "AWS::CodeConnections::Connection": _needs(
        "arn:aws:codeconnections:{region}:{account}:connection/{name}",
        "",
        "codeconnections:CreateConnection@*",
        "",
        "codeconnections:DeleteConnection",
        {"Tags": "codeconnections:TagResource"},
    ),
    "AWS::CodePipeline::Pipeline": _needs(
        "arn:aws:codepipeline:{region}:{account}:{name}",
        "Name",
        "codepipeline:CreatePipeline codepipeline:GetPipeline",
        "codepipeline:UpdatePipeline codepipeline:GetPipeline",
        "codepipeline:DeletePipeline",
        {"Tags": "codepipeline:TagResource"},
        {"RoleArn": "codepipeline.amazonaws.com"},
        lends="Stages.Actions.Configuration.ConnectionArn",
    ),
    "AWS::DynamoDB::Table": _needs(
        "arn:aws:dynamodb:{region}:{account}:table/{name}",
        "TableName",
        "dynamodb:CreateTable dynamodb:DescribeTable",
        "dynamodb:UpdateTable dynamodb:DescribeTable",
        "dynamodb:DeleteTable dynamodb:DescribeTable",
        {
            "Tags": "dynamodb:TagResource",
            "TimeToLiveSpecification": "dynamodb:UpdateTimeToLive dynamodb:DescribeTimeToLive",
            "PointInTimeRecoverySpecification": "dynamodb:UpdateContinuousBackups dynamodb:DescribeContinuousBackups",
        },
    ),
    "AWS::EC2::RouteTable": _needs(
        "arn:aws:ec2:{region}:{account}:route-table/{name}",
        "",
        "ec2:CreateRouteTable ec2:DescribeRouteTables@*",
        "ec2:DescribeRouteTables@*",
        "ec2:DeleteRouteTable ec2:DescribeRouteTables@*",
        {"Tags": "ec2:CreateTags"},
    ),
    "AWS::EC2::SecurityGroup": _needs(
        "arn:aws:ec2:{region}:{account}:security-group/{name}",
        "",
        "ec2:CreateSecurityGroup ec2:DescribeSecurityGroups@*",
        "ec2:DescribeSecurityGroups@*",
        "ec2:DeleteSecurityGroup ec2:DescribeSecurityGroups@*",
        {
            "SecurityGroupEgress": "ec2:RevokeSecurityGroupEgress ec2:AuthorizeSecurityGroupEgress",
            "SecurityGroupIngress": "ec2:AuthorizeSecurityGroupIngress",
            "Tags": "ec2:CreateTags",
        },
    ),
    "AWS::EC2::SecurityGroupEgress": _needs(
        "arn:aws:ec2:{region}:{account}:security-group/{GroupId}",
        "",
        "ec2:AuthorizeSecurityGroupEgress ec2:RevokeSecurityGroupEgress ec2:DescribeSecurityGroupRules@*",
        "",
        "ec2:RevokeSecurityGroupEgress ec2:DescribeSecurityGroupRules@*",
    ),
    "AWS::EC2::SecurityGroupIngress": _needs(
        "arn:aws:ec2:{region}:{account}:security-group/{GroupId}",
        "",
        "ec2:AuthorizeSecurityGroupIngress ec2:DescribeSecurityGroupRules@*",
        "",
        "ec2:RevokeSecurityGroupIngress ec2:DescribeSecurityGroupRules@*",
    ),
    "AWS::EC2::Subnet": _needs(
        "arn:aws:ec2:{region}:{account}:subnet/{name}",
        "",
        "ec2:CreateSubnet ec2:DescribeSubnets@*",
        "ec2:DescribeSubnets@*",
        "ec2:DeleteSubnet ec2:DescribeSubnets@*",
        {"MapPublicIpOnLaunch": "ec2:ModifySubnetAttribute", "Tags": "ec2:CreateTags"},
    ),
    "AWS::EC2::SubnetRouteTableAssociation": _needs(
        "arn:aws:ec2:{region}:{account}:subnet/{SubnetId} arn:aws:ec2:{region}:{account}:route-table/{RouteTableId}",
        "",
        "ec2:AssociateRouteTable ec2:DescribeRouteTables@* ec2:DescribeSubnets@*",
        "",
        "ec2:DisassociateRouteTable ec2:DescribeRouteTables@* ec2:DescribeSubnets@*",
    ),
    "AWS::EC2::VPC": _needs(
        "arn:aws:ec2:{region}:{account}:vpc/{name}",
        "",
        "ec2:CreateVpc ec2:DescribeVpcs@* ec2:DescribeVpcAttribute@*",
        "ec2:DescribeVpcAttribute@*",
        "ec2:DeleteVpc ec2:DescribeVpcs@*",
        {
            "EnableDnsHostnames": "ec2:ModifyVpcAttribute",
            "EnableDnsSupport": "ec2:ModifyVpcAttribute",
            "Tags": "ec2:CreateTags",
        },
    ),
    "AWS::EC2::VPCEndpoint": _needs(
        "arn:aws:ec2:{region}:{account}:vpc-endpoint/{name}",
        "",
        "ec2:CreateVpcEndpoint ec2:DescribeVpcEndpoints@* ec2:DescribeVpcs@*",
        "ec2:ModifyVpcEndpoint ec2:DescribeVpcEndpoints@* ec2:DescribeVpcs@*",
        "ec2:DeleteVpcEndpoints ec2:DescribeVpcEndpoints@* ec2:DescribeVpcs@*",
        {
            "SecurityGroupIds": "ec2:DescribeSecurityGroups@*",
            "SubnetIds": "ec2:DescribeSubnets@*",
            "Tags": "ec2:CreateTags",
        },
    ),
    "AWS::EMRServerless::Application": _needs(
        "arn:aws:emr-serverless:{region}:{account}:/applications/{name}",
        "",
        "emr-serverless:CreateApplication emr-serverless:GetApplication",
        "emr-serverless:UpdateApplication emr-serverless:GetApplication",
        "emr-serverless:DeleteApplication emr-serverless:GetApplication",
        {"Tags": "emr-serverless:TagResource"},
    ),
    "AWS::Events::EventBus": _needs(
        "arn:aws:events:{region}:{account}:event-bus/{name}",
        "Name",
        "events:CreateEventBus events:DescribeEventBus",
        "events:UpdateEventBus events:DescribeEventBus",
        "events:DeleteEventBus events:DescribeEventBus",
        {"Tags": "events:TagResource", "Policy": "events:PutPermission"},
    ),
    "AWS::Events::Rule": _needs(
        "arn:aws:events:{region}:{account}:rule/{name}",
        "Name",
        "events:PutRule events:DescribeRule",
        "events:PutRule events:DescribeRule",
        "events:DeleteRule events:RemoveTargets events:ListTargetsByRule",
        {"Targets": "events:PutTargets", "Tags": "events:TagResource"},
        {"RoleArn": "events.amazonaws.com", "Targets.RoleArn": "events.amazonaws.com"},
    ),
    "AWS::Glue::Connection": _needs(
        "arn:aws:glue:{region}:{account}:catalog arn:aws:glue:{region}:{account}:connection/{name}",
        "ConnectionInput.Name",
        "glue:CreateConnection glue:GetConnection",
        "glue:UpdateConnection glue:GetConnection",
        "glue:DeleteConnection",
        {"Tags": "glue:TagResource"},
    ),
    "AWS::Glue::Database": _needs(
        "arn:aws:glue:{region}:{account}:catalog arn:aws:glue:{region}:{account}:database/{name}",
        "DatabaseInput.Name",
        "glue:CreateDatabase glue:GetDatabase",
        "glue:UpdateDatabase",
        "glue:DeleteDatabase glue:GetDatabase",
    ),
    "AWS::Glue::Job": _needs(
        "arn:aws:glue:{region}:{account}:job/{name}",
        "Name",
        "glue:CreateJob",
        "glue:UpdateJob",
        "glue:DeleteJob glue:GetJob",
        {"Tags": "glue:TagResource"},
        {"Role": "glue.amazonaws.com"},
    ),
    "AWS::IAM::ManagedPolicy": _needs(
        "arn:aws:iam::{account}:policy/{name}",
        "ManagedPolicyName",
        "iam:CreatePolicy",
        "iam:CreatePolicyVersion iam:DeletePolicyVersion iam:ListPolicyVersions iam:GetPolicy",
        "iam:DeletePolicy iam:DeletePolicyVersion iam:ListPolicyVersions iam:GetPolicy iam:ListEntitiesForPolicy",
    ),
    "AWS::IAM::Role": _needs(
        "arn:aws:iam::{account}:role/{name}",
        "RoleName",
        "iam:CreateRole iam:GetRole",
        "iam:UpdateRole",
        "iam:DeleteRole iam:GetRole iam:ListAttachedRolePolicies iam:ListRolePolicies",
        {
            "Policies": "iam:PutRolePolicy iam:GetRolePolicy",
            "ManagedPolicyArns": "iam:AttachRolePolicy",
            "Tags": "iam:TagRole",
        },
    ),
    "AWS::KMS::Alias": _needs(
        "arn:aws:kms:{region}:{account}:{name} arn:aws:kms:{region}:{account}:key/{TargetKeyId}",
        "AliasName",
        "kms:CreateAlias",
        "kms:UpdateAlias",
        "kms:DeleteAlias",
    ),
    "AWS::KMS::Key": _needs(
        "arn:aws:kms:{region}:{account}:key/{name}",
        "",
        "kms:CreateKey@*",
        "kms:DescribeKey",
        "kms:ScheduleKeyDeletion kms:DescribeKey",
        {
            "EnableKeyRotation": "kms:EnableKeyRotation",
            "Tags": "kms:TagResource",
        },
    ),
    "AWS::Lambda::EventSourceMapping": _needs(
        "arn:aws:lambda:{region}:{account}:event-source-mapping:{name}",
        "",
        "lambda:CreateEventSourceMapping@* lambda:GetEventSourceMapping",
        "lambda:UpdateEventSourceMapping lambda:GetEventSourceMapping",
        "lambda:DeleteEventSourceMapping lambda:GetEventSourceMapping",
        {"Tags": "lambda:TagResource"},
    ),
    "AWS::LakeFormation::DataLakeSettings": _needs(
        "arn:aws:lakeformation:{region}:{account}:catalog:{account}",
        "",
        "lakeformation:PutDataLakeSettings@* lakeformation:GetDataLakeSettings@*",
        "lakeformation:PutDataLakeSettings@* lakeformation:GetDataLakeSettings@*",
        "lakeformation:PutDataLakeSettings@* lakeformation:GetDataLakeSettings@*",
    ),
    "AWS::LakeFormation::PrincipalPermissions": _needs(
        "arn:aws:lakeformation:{region}:{account}:catalog:{account}",
        "",
        "lakeformation:GrantPermissions@* lakeformation:ListPermissions@*",
        "",
        "lakeformation:RevokePermissions@* lakeformation:ListPermissions@*",
    ),
    "AWS::LakeFormation::Resource": _needs(
        "arn:aws:lakeformation:{region}:{account}:catalog:{account}",
        "",
        "lakeformation:RegisterResource@*",
        "lakeformation:UpdateResource@*",
        "lakeformation:DeregisterResource@*",
        passes={"RoleArn": "lakeformation.amazonaws.com"},
    ),
    "AWS::Lambda::Function": _needs(
        "arn:aws:lambda:{region}:{account}:function:{name}",
        "FunctionName",
        "lambda:CreateFunction lambda:GetFunction",
        "lambda:GetFunction",
        "lambda:DeleteFunction lambda:GetFunction",
        {
            "ReservedConcurrentExecutions": "lambda:PutFunctionConcurrency",
            "Tags": "lambda:TagResource",
            "VpcConfig": "ec2:DescribeSecurityGroups@* ec2:DescribeSubnets@* ec2:DescribeVpcs@*",
        },
        {"Role": "lambda.amazonaws.com"},
        "Code",
    ),
    "AWS::Lambda::Version": _needs(
        "arn:aws:lambda:{region}:{account}:function:{name}",
        "FunctionName",
        "lambda:PublishVersion lambda:ListVersionsByFunction lambda:GetFunctionConfiguration",
        "lambda:GetFunctionConfiguration",
        "lambda:DeleteFunction lambda:GetFunctionConfiguration",
    ),
    "AWS::Lambda::Alias": _needs(
        "arn:aws:lambda:{region}:{account}:function:{name}",
        "FunctionName",
        "lambda:CreateAlias",
        "lambda:UpdateAlias lambda:GetAlias",
        "lambda:DeleteAlias lambda:GetAlias",
    ),
    "AWS::Lambda::Permission": _needs(
        "arn:aws:lambda:{region}:{account}:function:{name}",
        "FunctionName",
        "lambda:AddPermission",
        "lambda:AddPermission lambda:RemovePermission",
        "lambda:RemovePermission",
    ),
    "AWS::Logs::LogGroup": _needs(
        "arn:aws:logs:{region}:{account}:log-group:{name}",
        "LogGroupName",
        "logs:CreateLogGroup logs:DescribeLogGroups@*",
        "logs:DescribeLogGroups@*",
        "logs:DeleteLogGroup logs:DescribeLogGroups@*",
        {"RetentionInDays": "logs:PutRetentionPolicy", "Tags": "logs:TagResource"},
    ),
    "AWS::S3::Bucket": _needs(
        "arn:aws:s3:::{name}",
        "BucketName",
        "s3:CreateBucket",
        "s3:ListBucket",
        "s3:DeleteBucket",
        {
            "BucketEncryption": "s3:PutEncryptionConfiguration",
            "LifecycleConfiguration": "s3:PutLifecycleConfiguration",
            "LoggingConfiguration": "s3:PutBucketLogging",
            "NotificationConfiguration": "s3:PutBucketNotification",
            "OwnershipControls": "s3:PutBucketOwnershipControls",
            "PublicAccessBlockConfiguration": "s3:PutBucketPublicAccessBlock",
            "Tags": "s3:PutBucketTagging",
            "VersioningConfiguration": "s3:PutBucketVersioning",
        },
    ),
    "AWS::S3::BucketPolicy": _needs(
        "arn:aws:s3:::{name}",
        "Bucket",
        "s3:PutBucketPolicy s3:GetBucketPolicy",
        "s3:PutBucketPolicy s3:GetBucketPolicy",
        "s3:DeleteBucketPolicy s3:GetBucketPolicy",
    ),
    "AWS::SNS::Subscription": _needs(
        "{name}",
        "TopicArn",
        "sns:Subscribe",
        "sns:SetSubscriptionAttributes",
        "sns:Unsubscribe@* sns:GetSubscriptionAttributes@*",
    ),
    "AWS::SNS::Topic": _needs(
        "arn:aws:sns:{region}:{account}:{name}",
        "TopicName",
        "sns:CreateTopic sns:GetTopicAttributes",
        "sns:SetTopicAttributes sns:GetTopicAttributes",
        "sns:DeleteTopic sns:GetTopicAttributes",
        {"Tags": "sns:TagResource", "Subscription": "sns:Subscribe"},
    ),
    "AWS::SNS::TopicPolicy": _needs(
        "{name}",
        "Topics",
        "sns:SetTopicAttributes",
        "sns:SetTopicAttributes",
        "sns:SetTopicAttributes",
    ),
    "AWS::SQS::Queue": _needs(
        "arn:aws:sqs:{region}:{account}:{name}",
        "QueueName",
        "sqs:CreateQueue sqs:GetQueueAttributes",
        "sqs:SetQueueAttributes sqs:GetQueueAttributes",
        "sqs:DeleteQueue sqs:GetQueueAttributes",
        {"Tags": "sqs:TagQueue"},
    ),
    "AWS::SQS::QueuePolicy": _needs(
        "arn:aws:sqs:{region}:{account}:{name}",
        "Queues",
        "sqs:SetQueueAttributes",
        "sqs:SetQueueAttributes",
        "sqs:SetQueueAttributes",
    ),
    "AWS::SSM::Parameter": _needs(
        "arn:aws:ssm:{region}:{account}:parameter/{name}",
        "Name",
        "ssm:PutParameter",
        "ssm:PutParameter",
        "ssm:DeleteParameter",
        {"Tags": "ssm:AddTagsToResource"},
    ),
    "AWS::StepFunctions::StateMachine": _needs(
        "arn:aws:states:{region}:{account}:stateMachine:{name}",
        "StateMachineName",
        "states:CreateStateMachine states:DescribeStateMachine",
        "states:UpdateStateMachine",
        "states:DeleteStateMachine states:DescribeStateMachine",
        {"Tags": "states:TagResource"},
        {"RoleArn": "states.amazonaws.com"},
        "DefinitionS3Location",
    ),
}
CHANGED: dict[tuple[str, str], tuple[str, ...]] = {
    ("AWS::EC2::RouteTable", "Tags"): ("ec2:DeleteTags",),
    ("AWS::EC2::SecurityGroup", "Tags"): ("ec2:DeleteTags",),
    ("AWS::EC2::Subnet", "Tags"): ("ec2:DeleteTags",),
    ("AWS::EC2::VPC", "Tags"): ("ec2:DeleteTags",),
    ("AWS::EC2::VPCEndpoint", "Tags"): ("ec2:DeleteTags",),
    ("AWS::IAM::Role", "AssumeRolePolicyDocument"): ("iam:UpdateAssumeRolePolicy",),
    ("AWS::IAM::Role", "PermissionsBoundary"): ("iam:PutRolePermissionsBoundary",),
    ("AWS::IAM::Role", "Policies"): ("iam:DeleteRolePolicy",),
    ("AWS::IAM::Role", "ManagedPolicyArns"): ("iam:DetachRolePolicy",),
    ("AWS::KMS::Key", "Description"): ("kms:UpdateKeyDescription",),
    ("AWS::KMS::Key", "KeyPolicy"): ("kms:PutKeyPolicy",),
    ("AWS::Lambda::Function", "Code"): ("lambda:UpdateFunctionCode",),
    ("AWS::Events::Rule", "Targets"): ("events:RemoveTargets",),
}
"""What a property asks for where it changes, beside what it asks for at creation."""
OTHERWISE_CHANGED = {"AWS::Lambda::Function": ("Code", "lambda:UpdateFunctionConfiguration")}
"""What any change asks for, but one of that property alone."""
REMOVED: dict[str, dict[str, tuple[str, ...]]] = {
    "AWS::IAM::Role": {"Policies": ("iam:DeleteRolePolicy",), "ManagedPolicyArns": ("iam:DetachRolePolicy",)},
    "AWS::Lambda::Function": {"VpcConfig": ("ec2:DescribeNetworkInterfaces@*",)},
}
"""What a property asks for where its resource is deleted."""
