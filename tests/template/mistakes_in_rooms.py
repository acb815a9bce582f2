"""Mistakes that somebody could make in the rooms of the lake: where, instead of what, what, and what is told."""

ARRIVALS, STORAGE, ARTIFACTS = "foundations/arrivals.yaml", "foundations/storage.yaml", "foundations/artifacts.yaml"
LEDGER, BUDGET, NETWORK = "foundations/ledger.yaml", "foundations/budget.yaml", "foundations/network.yaml"
TEAM, DATASET, STAGE_A = "team/template.yaml", "datasets/template.yaml", "pipelines/stage-a.yaml"
STAGE_B, RUNS = "pipelines/stage-b.yaml", "pipelines/stage-b-runs.yaml"
JOB, EMR = "pipelines/stage-b-job.yaml", "pipelines/stage-b-emr.yaml"

PLAIN_HTTP_IS_REFUSED = """          - Sid: PlainHttpIsRefused
            Effect: Deny
            Principal: '*' # everyone: it is a refusal
            Action: sqs:*
            Resource: !GetAtt ArrivalsQueue.Arn
            Condition: {Bool: {aws:SecureTransport: 'false'}}

  RawBucket:
    Type: AWS::S3::Bucket
    DeletionPolicy: RetainExceptOnCreate
    UpdateReplacePolicy: Retain
"""

MISTAKES = {
    "a queue that feeds a function past its alias": (
        ARRIVALS, "!Ref RouteLive\n      EventSourceArn", "!Ref RouteFunction\n      EventSourceArn",
        "RouteTakesArrivals: calls RouteFunction past its alias"),
    "a rule that starts a function past its alias": (
        STAGE_B, "Arn: !Ref GatherLive}", "Arn: !GetAtt GatherFunction.Arn}",
        "EveryFiveMinutes: calls GatherFunction past its alias"),
    "a door into a function past its alias": (
        STAGE_B, "FunctionName: !Ref GatherLive\n      Action", "FunctionName: !Sub '${GatherFunction}'\n      Action",
        "EveryFiveMinutesMayRunGather: calls GatherFunction past its alias"),
    "a state machine that calls a function past its alias": (
        RUNS, "PlanFunction: !Ref PlanLive", "PlanFunction: !GetAtt PlanFunction.Arn",
        "StateMachine: calls PlanFunction past its alias"),
    "a custom resource that calls a function past its alias": (
        DATASET, "registration/platform/live-arn", "registration/platform/function-arn",
        "Registration: calls RegisterFunction past its alias"),
    "a statement that lets a function be called past its alias": (
        RUNS, "[!Ref PlanLive, !Ref RecordLive]", "[!Ref PlanLive, !GetAtt RecordFunction.Arn]",
        "MachineMayPlanAndRecord: lets somebody call a function past its alias"),
    "a function without an alias": (
        ARRIVALS, "Name: live, FunctionName: !Ref RouteFunction", "Name: green, FunctionName: !Ref RouteFunction",
        "RouteFunction: has no alias `live`"),
    "an alias of whatever comes": (
        ARRIVALS, "FunctionVersion: !GetAtt RouteVersion.Version", "FunctionVersion: $LATEST",
        "RouteLive: does not follow a version"),
    "a version that no change replaces": (
        ARRIVALS, "Description: !Ref Release", "Description: the first", "RouteVersion: does not say its release"),
    "a function that a new release does not change": (
        ARRIVALS, "batches. Release ${Release}.'", "batches.'", "RouteFunction: does not say its release"),
    "a queue that hides too shortly": (
        STORAGE, "VisibilityTimeout: 360", "VisibilityTimeout: 359", "359 s is less than six times the 60 s"),
    "a queue that hides too shortly for the longest timeout that is allowed": (
        STAGE_A, "MaxValue: 300, Description: Seconds", "MaxValue: 301, Description: Seconds", "six times the 301 s"),
    "a large batch without a window": (
        ARRIVALS, "      MaximumBatchingWindowInSeconds: 1\n", "", "500 messages need a batching window"),
    "a batch that fails as a whole": (
        STAGE_B, "      FunctionResponseTypes: [ReportBatchItemFailures]\n", "", "bring back its whole batch"),
    "workers without a bound": (
        STAGE_B, "      ScalingConfig: {MaximumConcurrency: 2}\n", "", "throttled deliveries count"),
    "a queue without dead letters": (
        STAGE_B, "      RedrivePolicy: {deadLetterTargetArn: !GetAtt DeadQueue.Arn, maxReceiveCount: 5}\n", "",
        "come back until it expires"),
    "too few attempts": (STAGE_B, "maxReceiveCount: 5", "maxReceiveCount: 2", "too few attempts"),
    "dead letters that expire first": (
        STAGE_B, "MessageRetentionPeriod: 1209600", "MessageRetentionPeriod: 345600", "a dead letter keeps its age"),
    "dead letters that nobody sees": (
        STAGE_B, "Value: !GetAtt DeadQueue.QueueName", "Value: other", "no alarm watches its Approx"),
    "arrivals that wait unseen": (
        ARRIVALS, "storage/platform/arrivals-queue-name}}", "storage/platform/raw-bucket}}",
        "ArrivalsQueue: no alarm watches its ApproximateAge"),
    "an alarm that nobody hears": (
        STAGE_B,
        "      AlarmActions: [!Sub '{{resolve:ssm:/lake/${Domain}/${Environment}/team/${Team}/alarms-topic-arn}}']\n",
        "", "nobody hears this alarm"),
    "a Sid that is no sentence": (ARRIVALS, "Sid: RouteMayLog", "Sid: Log", "'Log' is no sentence"),
    "a Sid that is no sentence, on a condition": (
        ARRIVALS, "Sid: RouteMayTrace", "Sid: Trace", "'Trace' is no sentence"),
    "a star without its reason, on a condition": (
        ARRIVALS, "!Ref AWS::NoValue] # X-Ray names no resource", "!Ref AWS::NoValue]", "a `*` without its reason"),
    "a statement without a name": (ARRIVALS, "- Sid: RouteMayLog\n                Effect", "- Effect", "has no Sid"),
    "two statements of one name": (
        ARRIVALS, "Sid: RouteMayLog", "Sid: RouteMayReadClaims", "names two statements of one policy"),
    "six actions": (
        TEAM, "[s3:GetObject, s3:PutObject]\n              ",
        "[s3:a, s3:b, s3:c, s3:d, s3:e, s3:f]\n              ", "6 actions in one statement"),
    "two services in a statement": (
        ARRIVALS, "Action: [s3:GetObject, s3:PutObject]", "Action: [s3:GetObject, sqs:SendMessage]", "two services"),
    "all actions of a service": (
        ARRIVALS, "Action: [s3:GetObject, s3:PutObject]", "Action: s3:*", "allows every action of a service"),
    "a star without its reason": (
        RUNS, "Resource: '*' # as above", "Resource: '*'", "a `*` without its reason"),
    "a door that is open to everybody": (
        STORAGE, "Principal: {Service: s3.amazonaws.com}", "Principal: '*' # S3", "everybody is allowed in"),
    "a bucket that goes with its stack": (
        STORAGE, "    DeletionPolicy: RetainExceptOnCreate\n", "", "lacks DeletionPolicy"),
    "a bucket that keeps no versions": (
        STORAGE, "      VersioningConfiguration: {Status: Enabled}\n", "", "lacks VersioningConfiguration"),
    "a bucket that could be opened to the public": (
        STORAGE, "BlockPublicPolicy: true", "BlockPublicPolicy: false", "lacks PublicAccessBlockConfiguration"),
    "a table in clear": (LEDGER, "      SSESpecification: {SSEEnabled: true}\n", "", "lacks SSESpecification"),
    "a table that cannot be restored": (
        LEDGER, "PointInTimeRecoveryEnabled: true", "PointInTimeRecoveryEnabled: false", "lacks PointInTimeRecovery"),
    "a table that replacement deletes": (LEDGER, "    UpdateReplacePolicy: Retain\n", "", "lacks UpdateReplacePolicy"),
    "a key that never turns": (ARTIFACTS, "      EnableKeyRotation: true\n", "", "lacks EnableKeyRotation"),
    "a queue in clear": (
        STAGE_B,
        "      KmsMasterKeyId: !Sub '{{resolve:ssm:/lake/${Domain}/${Environment}/team/${Team}/key-arn}}'\n", "",
        "lacks KmsMasterKeyId"),
    "a bucket that serves plain HTTP": (
        STORAGE, "SecureTransport: 'false'}}\n\n  StageBucket:", "SecureTransport: 'true'}}\n\n  StageBucket:",
        "RawBucket: serves plain HTTP"),
    "a queue that does not let S3 in": (
        STORAGE, "Action: sqs:SendMessage", "Action: sqs:ReceiveMessage", "no policy lets S3 send to it"),
    "a queue that lets any bucket in": (
        STORAGE,
        "                aws:SourceArn: !Sub 'arn:${AWS::Partition}:s3:::${Domain}-",
        "                aws:PrincipalArn: !Sub 'arn:${AWS::Partition}:s3:::${Domain}-",
        "no policy lets S3 send to it"),
    "a bucket made before its queue's policy": (
        STORAGE, "    DependsOn: ArrivalsQueuePolicy\n", "", "S3 tries the queue when the bucket is made"),
    "a key that does not let S3 in": (
        ARTIFACTS, "Principal: {Service: s3.amazonaws.com}", "Principal: {Service: sns.amazonaws.com}",
        "does not let S3 use it"),
    "logs for ever": (
        ARRIVALS,
        "RetentionInDays: !Sub '{{resolve:ssm:/lake/${Domain}/${Environment}/artifacts/platform/log-retention}}'",
        "LogGroupClass: STANDARD", "keeps logs for ever"),
    "logs in a group that Lambda makes": (
        ARRIVALS, "      LoggingConfig: {LogGroup: !Ref RouteLogs}\n", "", "logs to a group that Lambda makes"),
    "a name that nobody writes": (
        ARRIVALS, "ledger/platform/ledger-table}}", "ledger/platform/ledger-tabel}}", "no template writes /lake/"),
    "a name that nobody needs": (
        LEDGER, "      BillingMode: PAY_PER_REQUEST\n", "      BillingMode: PAY_PER_REQUEST\n      TableName: ledger\n",
        "nothing outside the stack relies on this name"),
    "a name that policies do not expect": (
        STAGE_A, "QueueName: !Sub '${Domain}-${Environment}-${Team}-stage-a'", "QueueName: stage-a",
        "does not follow the lake's names"),
    "a role without its team's bounds": (
        STAGE_A,
        "      PermissionsBoundary: !Sub '{{resolve:ssm:/lake/${Domain}/${Environment}/team/${Team}/boundary-arn}}'\n",
        "", "is not kept within its team"),
    "a role that asks for more than its bounds": (
        STAGE_A, "Action: s3:GetObjectVersion", "Action: s3:GetObjectTagging", "no boundary lets a team's role do"),
    "a role that Lambda may not take": (
        ARRIVALS, "Principal: {Service: lambda.amazonaws.com}", "Principal: {Service: ec2.amazonaws.com}",
        "does not trust lambda.amazonaws.com"),
    "a role of two functions": (RUNS, "Role: !GetAtt RecordRole.Arn", "Role: !GetAtt PlanRole.Arn", "shares PlanRole"),
    "a parameter that somebody sets": (DATASET, "lake deploy sets it.", "The digest.", "does not say who sets it"),
    "a key that does not let alarms in": (
        TEAM, "Principal: {Service: cloudwatch.amazonaws.com}", "Principal: {Service: logs.amazonaws.com}",
        "does not let cloudwatch.amazonaws.com use it"),
    "a function outside of the network": (
        ARRIVALS, "      VpcConfig: !If [HasNetwork,", "      VpcConfig: !If [IsTraced,",
        "RouteFunction: would stand outside of the network"),
    "a job outside of the network": (
        JOB, "      Connections: !If\n        - HasNetwork", "      Connections: !If\n        - IsTraced",
        "Job: would stand outside of the network"),
    "an endpoint that lets other accounts pass": (
        NETWORK, "aws:PrincipalAccount", "aws:SourceAccount", "RolesOfTheAccountMayRead: lets other accounts"),
    "a placeholder that stays open": (
        RUNS, "        PlanFunction: !Ref PlanLive\n", "", "leaves ${PlanFunction} of its definition open"),
    "a value that no definition asks for": (
        RUNS, "      DefinitionSubstitutions:\n", "      DefinitionSubstitutions:\n        Other: x\n",
        "no definition asks for it"),
    "a queue's policy that waits for the bucket that waits for it": (
        STORAGE,
        "                aws:SourceArn: !Sub 'arn:${AWS::Partition}:s3:::${Domain}-${Environment}-${AWS::AccountId}-"
        "${AWS::Region}-raw'\n" + PLAIN_HTTP_IS_REFUSED + "    DependsOn: ArrivalsQueuePolicy\n",
        "                aws:SourceArn: !GetAtt RawBucket.Arn\n" + PLAIN_HTTP_IS_REFUSED,
        "ArrivalsQueuePolicy.RawBucket: waits for RawBucket"),
    "two stacks that wait for each other's names": (
        ARTIFACTS, "Principal: {Service: cloudwatch.amazonaws.com}",
        "Principal: {AWS: !Sub '{{resolve:ssm:/lake/${Domain}/${Environment}/arrivals/platform/route-role-arn}}'}",
        "route-role-arn: is read here before foundations/arrivals.yaml can write it"),
    "a function's name that is too long for some teams": (
        RUNS, "${Team}-record-run'\n      Desc", "${Team}-record-the-end'\n      Desc",
        "FunctionName: may have 67 characters; AWS::Lambda::Function allows 64"),
    "a bucket's name that is too long for some regions": (
        STORAGE, "${AWS::Region}-analytics'", "${AWS::Region}-analyticszone'", "67 characters; AWS::S3::Bucket allows"),
    "a role that reads what other teams have in the ledger": (
        STAGE_B, "                Condition: {'ForAllValues:StringLike': {'dynamodb:LeadingKeys': !Sub '${Team}/*'}}\n",
        "", "GatherMayReadTheLedger: reaches the items of other teams"),
    "a condition that lets all keys pass": (
        RUNS, "{'dynamodb:LeadingKeys': !Sub '${Team}/*'}", "{'dynamodb:LeadingKeys': !Sub '*${Team}*'}",
        "PlanMayReadTheLedger: reaches the items of other teams"),
    "a role that scans the ledger": (
        STAGE_B, "Action: [dynamodb:GetItem, dynamodb:BatchGetItem, dynamodb:Query]",
        "Action: [dynamodb:GetItem, dynamodb:BatchGetItem, dynamodb:Scan]", "a scan reads the items of all teams"),
    "a function that does not say its memory": (
        STAGE_B, "      MemorySize: 512\n", "", "GatherFunction: does not say its MemorySize"),
    "a parameter that lets a function run for ever": (
        STAGE_A, "MinValue: 30, MaxValue: 300, Description: Seconds", "MinValue: 30, Description: Seconds",
        "lets Timeout be what Lambda refuses"),
    "more workers than the function may have": (
        STAGE_B, "      MemorySize: 512\n", "      MemorySize: 512\n      ReservedConcurrentExecutions: 1\n",
        "2 workers of a function that has 1"),
    "access logs in a bucket under a key": (
        ARTIFACTS, "[{ServerSideEncryptionByDefault: {SSEAlgorithm: AES256}}]",
        "[{BucketKeyEnabled: true, ServerSideEncryptionByDefault: {SSEAlgorithm: aws:kms}}]",
        "LogsBucket: S3 delivers access logs to no bucket under a customer's key"),
    "access logs that may not be delivered": (
        ARTIFACTS, "Principal: {Service: logging.s3.amazonaws.com}", "Principal: {Service: s3.amazonaws.com}",
        "LogsBucket: does not let logging.s3.amazonaws.com in"),
    "a key that does not let logs in": (
        TEAM, "Service: !Sub 'logs.${AWS::Region}.amazonaws.com'", "Service: logs.amazonaws.com",
        "TeamKey: does not let CloudWatch Logs encrypt /lake/${Domain}/${Environment}/${Team}/"),
    "a key that lets in logs of another name": (
        ARTIFACTS, "log-group:/lake/${Domain}/${Environment}/platform/*", "log-group:/lake/${Domain}/platform/*",
        "PlatformKey: does not let CloudWatch Logs encrypt /lake/${Domain}/${Environment}/platform/route"),
    "a policy that asks for a tag that no stack has": (
        TEAM, "'aws:ResourceTag/lake:owner'", "'aws:ResourceTag/lake:team'",
        "asks for the tag lake:team, which no stack has"),
    "a budget of a tag that no stack has": (
        BUDGET, "user:lake:domain$", "user:domain$", "asks for the tag domain, which no stack has"),
    "a tag that contradicts its stack's": (
        EMR, "Tags: [{Key: 'lake:owner', Value: !Ref Team}]", "Tags: [{Key: 'lake:owner', Value: !Ref Domain}]",
        "would say another lake:owner than its stack"),
    "a tag that AWS keeps for itself": (
        EMR, "Tags: [{Key: 'lake:owner', Value: !Ref Team}]", "Tags: [{Key: 'AWS:owner', Value: !Ref Team}]",
        "a tag whose name begins with aws: is AWS's own"),
    "a machine whose role cannot stop its job": (
        RUNS, "glue:GetJobRuns, glue:BatchStopJobRun]", "glue:GetJobRuns]",
        "StateMachine.RoleArn: its role may not do glue:BatchStopJobRun"),
    "a bucket that asks KMS for each object": (
        STORAGE, "BucketKeyEnabled: true", "BucketKeyEnabled: false", "lacks BucketKeyEnabled"),
    "a bucket that keeps replaced versions for ever": (
        STORAGE, "            NoncurrentVersionExpiration: {NoncurrentDays: 30}\n", "",
        "RawBucket: lacks NoncurrentVersionExpiration"),
    "a bucket that keeps uploads that never ended": (
        STORAGE, "            AbortIncompleteMultipartUpload: {DaysAfterInitiation: 7}\n", "",
        "RawBucket: lacks AbortIncompleteMultipartUpload"),
    "a queue that does not let rules in": (
        STAGE_B, "Arn: !Ref GatherLive}", "Arn: !GetAtt Queue.Arn}",
        "Queue: nothing lets events.amazonaws.com do sqs:SendMessage"),
    "a function that does not let rules in": (
        STAGE_B, "Action: lambda:InvokeFunction\n      Principal", "Action: lambda:GetFunction\n      Principal",
        "GatherLive: nothing lets events.amazonaws.com do lambda:InvokeFunction"),
    "a star in a list, without its reason": (
        RUNS, "Resource: '*' # as above", "Resource:\n                  - '*'", "a `*` without its reason"),
    "a role that may not write under the bucket's key": (
        RUNS, "Action: [kms:Decrypt, kms:GenerateDataKey]", "Action: kms:Decrypt",
        "reaches StageBucket, and its role may not do kms:GenerateDataKey with PlatformKey"),
    "a role that may not read under the queue's key": (
        STAGE_B,
        "                Resource:\n"
        "                  - !Sub '{{resolve:ssm:/lake/${Domain}/${Environment}/team/${Team}/key-arn}}'\n",
        "                Resource:\n",
        "GatherMayTakeMessages: reaches Queue, and its role may not do kms:Decrypt with TeamKey"),
}  # fmt: skip
