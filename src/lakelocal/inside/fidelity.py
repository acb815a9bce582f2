"""The table of what the local cloud does: `runs`, `state-only`, `recorded`, or refused.

`runs`: it acts as on AWS. `state-only`: it keeps what it is given and answers, nothing acts on it.
`recorded`: the stack remembers it, nothing is behind it. What has no row is refused by name.
"""

from __future__ import annotations

from dataclasses import dataclass, field

RUNS, STATE_ONLY, RECORDED = "runs", "state-only", "recorded"


@dataclass(frozen=True, slots=True)
class Row:
    """A resource type: how it is, which properties count, which are only remembered."""

    how: str
    kept: frozenset[str]
    recorded: frozenset[str] = field(default=frozenset())

    def refused(self, properties: object) -> list[str]:
        """The properties that this row does not know, sorted."""
        given = set(properties) if isinstance(properties, dict) else set()
        return sorted(given - self.kept - self.recorded)


def _row(how: str, kept: str, recorded: str = "") -> Row:
    return Row(how, frozenset(kept.split()), frozenset(recorded.split()))


TYPES: dict[str, Row] = {
    "AWS::Athena::WorkGroup": _row(RUNS, "Name WorkGroupConfiguration RecursiveDeleteOption", "Description State Tags"),
    "AWS::Budgets::Budget": _row(RECORDED, "", "Budget NotificationsWithSubscribers ResourceTags"),
    "AWS::CloudFormation::CustomResource": _row(RUNS, "ServiceToken ServiceTimeout"),
    "AWS::CloudFormation::Stack": _row(RUNS, "Parameters TemplateURL", "Tags TimeoutInMinutes"),
    "AWS::CloudTrail::Trail": _row(
        RECORDED,
        "",
        "AdvancedEventSelectors CloudWatchLogsLogGroupArn CloudWatchLogsRoleArn EnableLogFileValidation "
        "EventSelectors IncludeGlobalServiceEvents InsightSelectors IsLogging IsMultiRegionTrail "
        "IsOrganizationTrail KMSKeyId S3BucketName S3KeyPrefix SnsTopicName Tags TrailName",
    ),
    "AWS::CloudWatch::Alarm": _row(
        RUNS,
        "ActionsEnabled AlarmActions AlarmDescription AlarmName ComparisonOperator DatapointsToAlarm Dimensions "
        "EvaluationPeriods ExtendedStatistic InsufficientDataActions MetricName Metrics Namespace OKActions "
        "Period Statistic Threshold TreatMissingData Unit",
        "Tags EvaluateLowSampleCountPercentile ThresholdMetricId",
    ),
    "AWS::CloudWatch::Dashboard": _row(STATE_ONLY, "DashboardBody DashboardName"),
    "AWS::CodeBuild::Project": _row(
        RUNS,
        "Artifacts Description Environment LogsConfig Name ServiceRole Source TimeoutInMinutes",
        "Cache ConcurrentBuildLimit EncryptionKey QueuedTimeoutInMinutes Tags Visibility",
    ),
    "AWS::CodeCommit::Repository": _row(RUNS, "RepositoryDescription RepositoryName", "KmsKeyId Tags"),
    "AWS::CodeConnections::Connection": _row(RUNS, "ConnectionName ProviderType", "HostArn Tags"),
    "AWS::CodePipeline::Pipeline": _row(
        RUNS, "ArtifactStore ExecutionMode Name PipelineType RoleArn Stages Variables", "Tags Triggers"
    ),
    "AWS::DynamoDB::Table": _row(
        RUNS,
        "AttributeDefinitions BillingMode DeletionProtectionEnabled GlobalSecondaryIndexes KeySchema "
        "LocalSecondaryIndexes ProvisionedThroughput SSESpecification StreamSpecification TableName Tags "
        "TimeToLiveSpecification PointInTimeRecoverySpecification",
        "ContributorInsightsSpecification OnDemandThroughput TableClass WarmThroughput",
    ),
    "AWS::EC2::RouteTable": _row(STATE_ONLY, "Tags VpcId"),
    "AWS::EC2::SecurityGroup": _row(
        STATE_ONLY, "GroupDescription GroupName SecurityGroupEgress SecurityGroupIngress Tags VpcId"
    ),
    "AWS::EC2::SecurityGroupEgress": _row(
        RECORDED, "", "CidrIp Description DestinationSecurityGroupId FromPort GroupId IpProtocol ToPort"
    ),
    "AWS::EC2::SecurityGroupIngress": _row(
        RECORDED, "", "CidrIp Description FromPort GroupId IpProtocol SourceSecurityGroupId ToPort"
    ),
    "AWS::EC2::Subnet": _row(STATE_ONLY, "AvailabilityZone CidrBlock MapPublicIpOnLaunch Tags VpcId"),
    "AWS::EC2::SubnetRouteTableAssociation": _row(STATE_ONLY, "RouteTableId SubnetId"),
    "AWS::EC2::VPC": _row(STATE_ONLY, "CidrBlock EnableDnsHostnames EnableDnsSupport InstanceTenancy Tags"),
    "AWS::EC2::VPCEndpoint": _row(
        STATE_ONLY,
        "PolicyDocument PrivateDnsEnabled RouteTableIds SecurityGroupIds ServiceName SubnetIds Tags VpcEndpointType "
        "VpcId",
    ),
    "AWS::EMRServerless::Application": _row(
        RUNS,
        "AutoStartConfiguration AutoStopConfiguration MonitoringConfiguration Name ReleaseLabel RuntimeConfiguration "
        "Tags Type",
        "Architecture InitialCapacity MaximumCapacity NetworkConfiguration SchedulerConfiguration",
    ),
    "AWS::Events::EventBus": _row(RUNS, "Name Description Tags Policy", "KmsKeyIdentifier DeadLetterConfig"),
    "AWS::Events::Rule": _row(
        RUNS, "Description EventBusName EventPattern Name RoleArn ScheduleExpression State Tags Targets"
    ),
    "AWS::Glue::Connection": _row(STATE_ONLY, "CatalogId ConnectionInput"),
    "AWS::Glue::Database": _row(STATE_ONLY, "CatalogId DatabaseInput DatabaseName"),
    "AWS::Glue::Job": _row(
        RUNS,
        "Command DefaultArguments Description ExecutionProperty GlueVersion MaxRetries Name "
        "NonOverridableArguments NumberOfWorkers Role Tags Timeout WorkerType MaxCapacity",
        "Connections ExecutionClass JobMode JobRunQueuingEnabled LogUri NotificationProperty "
        "SecurityConfiguration MaintenanceWindow",
    ),
    "AWS::Glue::SecurityConfiguration": _row(RECORDED, "", "EncryptionConfiguration Name"),
    "AWS::IAM::ManagedPolicy": _row(RUNS, "Description Groups ManagedPolicyName Path PolicyDocument Roles Users"),
    "AWS::IAM::Policy": _row(RUNS, "Groups PolicyDocument PolicyName Roles Users"),
    "AWS::IAM::Role": _row(
        RUNS,
        "AssumeRolePolicyDocument Description ManagedPolicyArns MaxSessionDuration Path PermissionsBoundary "
        "Policies RoleName Tags",
    ),
    "AWS::KMS::Alias": _row(RUNS, "AliasName TargetKeyId"),
    "AWS::KMS::Key": _row(
        RUNS,
        "Description EnableKeyRotation Enabled KeyPolicy KeySpec KeyUsage Tags",
        "PendingWindowInDays RotationPeriodInDays MultiRegion BypassPolicyLockoutSafetyCheck",
    ),
    "AWS::LakeFormation::DataCellsFilter": _row(
        RECORDED,
        "",
        "ColumnNames ColumnWildcard DatabaseName Name RowFilter TableCatalogId TableName",
    ),
    "AWS::LakeFormation::DataLakeSettings": _row(
        RECORDED,
        "",
        "Admins AllowExternalDataFiltering AllowFullTableExternalDataAccess AuthorizedSessionTagValueList "
        "CreateDatabaseDefaultPermissions CreateTableDefaultPermissions ExternalDataFilteringAllowList "
        "MutationType Parameters ReadOnlyAdmins TrustedResourceOwners",
    ),
    "AWS::LakeFormation::PrincipalPermissions": _row(
        RECORDED, "", "Catalog Permissions PermissionsWithGrantOption Principal Resource"
    ),
    "AWS::LakeFormation::Resource": _row(
        RECORDED, "", "HybridAccessEnabled ResourceArn RoleArn UseServiceLinkedRole WithFederation"
    ),
    "AWS::LakeFormation::Tag": _row(RECORDED, "", "CatalogId TagKey TagValues"),
    "AWS::LakeFormation::TagAssociation": _row(RECORDED, "", "LFTags Resource"),
    "AWS::Lambda::Alias": _row(
        RUNS, "Description FunctionName FunctionVersion Name RoutingConfig", "ProvisionedConcurrencyConfig"
    ),
    "AWS::Lambda::EventInvokeConfig": _row(
        RUNS, "DestinationConfig FunctionName MaximumEventAgeInSeconds MaximumRetryAttempts Qualifier"
    ),
    "AWS::Lambda::EventSourceMapping": _row(
        RUNS,
        "BatchSize BisectBatchOnFunctionError DestinationConfig Enabled EventSourceArn FilterCriteria "
        "FunctionName FunctionResponseTypes MaximumBatchingWindowInSeconds MaximumRecordAgeInSeconds "
        "MaximumRetryAttempts ParallelizationFactor ScalingConfig StartingPosition",
        "KmsKeyArn MetricsConfig Tags",
    ),
    "AWS::Lambda::Function": _row(
        RUNS,
        "Code DeadLetterConfig Description Environment FunctionName Handler Layers LoggingConfig MemorySize "
        "PackageType ReservedConcurrentExecutions Role Runtime Tags Timeout",
        "Architectures EphemeralStorage KmsKeyArn RecursiveLoop RuntimeManagementConfig TracingConfig VpcConfig",
    ),
    "AWS::Lambda::LayerVersion": _row(
        RUNS, "CompatibleArchitectures CompatibleRuntimes Content Description LayerName LicenseInfo"
    ),
    "AWS::Lambda::Permission": _row(
        RUNS, "Action FunctionName Principal SourceAccount SourceArn PrincipalOrgID EventSourceToken"
    ),
    "AWS::Lambda::Version": _row(
        RUNS, "CodeSha256 Description FunctionName", "ProvisionedConcurrencyConfig RuntimePolicy"
    ),
    "AWS::Logs::LogGroup": _row(
        RUNS, "KmsKeyId LogGroupClass LogGroupName RetentionInDays Tags", "DeletionProtectionEnabled"
    ),
    "AWS::Logs::MetricFilter": _row(
        STATE_ONLY, "FilterName FilterPattern LogGroupName MetricTransformations ApplyOnTransformedLogs"
    ),
    "AWS::S3::Bucket": _row(
        RUNS,
        "AccessControl BucketEncryption BucketName CorsConfiguration LifecycleConfiguration "
        "LoggingConfiguration NotificationConfiguration OwnershipControls PublicAccessBlockConfiguration Tags "
        "VersioningConfiguration WebsiteConfiguration",
        "IntelligentTieringConfigurations InventoryConfigurations MetricsConfigurations",
    ),
    "AWS::S3::BucketPolicy": _row(RUNS, "Bucket PolicyDocument"),
    "AWS::SNS::Subscription": _row(
        RUNS,
        "Endpoint FilterPolicy FilterPolicyScope Protocol RawMessageDelivery RedrivePolicy TopicArn",
        "DeliveryPolicy Region SubscriptionRoleArn",
    ),
    "AWS::SNS::Topic": _row(RUNS, "DisplayName KmsMasterKeyId Subscription Tags TopicName", "TracingConfig"),
    "AWS::SNS::TopicPolicy": _row(RUNS, "PolicyDocument Topics"),
    "AWS::SQS::Queue": _row(
        RUNS,
        "ContentBasedDeduplication DeduplicationScope DelaySeconds FifoQueue FifoThroughputLimit "
        "KmsDataKeyReusePeriodSeconds KmsMasterKeyId MaximumMessageSize MessageRetentionPeriod QueueName "
        "ReceiveMessageWaitTimeSeconds RedriveAllowPolicy RedrivePolicy SqsManagedSseEnabled Tags "
        "VisibilityTimeout",
    ),
    "AWS::SQS::QueuePolicy": _row(RUNS, "PolicyDocument Queues"),
    "AWS::SSM::Parameter": _row(RUNS, "Name Type Value Description Tags", "AllowedPattern DataType Policies Tier"),
    "AWS::Scheduler::Schedule": _row(
        RUNS,
        "Description FlexibleTimeWindow GroupName Name ScheduleExpression State Target",
        "KmsKeyArn ScheduleExpressionTimezone",
    ),
    "AWS::StepFunctions::StateMachine": _row(
        RUNS,
        "Definition DefinitionS3Location DefinitionString DefinitionSubstitutions RoleArn StateMachineName "
        "StateMachineType Tags",
        "EncryptionConfiguration LoggingConfiguration TracingConfiguration",
    ),
}

SERVICES: dict[str, str] = {
    "athena": RUNS,
    "cloudformation": RUNS,
    "cloudwatch": RUNS,
    "codebuild": RUNS,
    "codecommit": RUNS,
    "codeconnections": RUNS,
    "codepipeline": RUNS,
    "dynamodb": RUNS,
    "ec2 networks": STATE_ONLY,
    "emr-serverless": RUNS,
    "events": RUNS,
    "glue catalog": RUNS,
    "glue jobs": RUNS,
    "iam": RUNS,
    "kms": RUNS,
    "lakeformation": RECORDED,
    "lambda": RUNS,
    "logs": RUNS,
    "s3": RUNS,
    "scheduler": RUNS,
    "sns": RUNS,
    "sqs": RUNS,
    "ssm": RUNS,
    "states": RUNS,
    "sts": RUNS,
}


def refusal(kind: str, properties: object) -> str | None:
    """Why a resource of this type with these properties is refused, or None."""
    if kind.startswith("Custom::"):
        return None
    row = TYPES.get(kind)
    if row is None:
        return f"{kind} is not supported by the local cloud: leave it out by a condition, or deploy it to AWS."
    unknown = row.refused(properties)
    if not unknown:
        return None
    return (
        f"{kind} has properties that the local cloud does not support: {', '.join(unknown)}. "
        "Leave them out by a condition, or deploy to AWS."
    )
