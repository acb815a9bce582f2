"""Each rule, shown a mistake that somebody could make in the templates of this repository."""

from pathlib import Path

import pytest

from lakectl.lint import network
from lakectl.lint.project import Project, machine_of, read_project, template_of
from lakectl.lint.run import RULES, judge, lint

ROOT = Path(__file__).parents[2]
SOUND = read_project(ROOT)
ARRIVALS, STORAGE, ARTIFACTS = "foundations/arrivals.yaml", "foundations/storage.yaml", "foundations/artifacts.yaml"
LEDGER, TEAM, DATASET = "foundations/ledger.yaml", "team/template.yaml", "datasets/template.yaml"
STAGE_A, STAGE_B, RUNS = "pipelines/stage-a.yaml", "pipelines/stage-b.yaml", "pipelines/stage-b-runs.yaml"
JOB, NETWORK = "pipelines/stage-b-job.yaml", "foundations/network.yaml"
MACHINE, VERIFY = "pipelines/stage-b.asl.json", "templates/cicd/verify.yaml"
BOOTSTRAP, TEAMS = "templates/cicd/bootstrap.yaml", "templates/cicd/teams.yaml"
PIPELINE, BUILDS = "templates/cicd/pipeline.yaml", "templates/cicd/builds.yaml"
REACH = "templates/cicd/reach.yaml"

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
    "a pattern that ends at a function": (
        VERIFY, "function:${Domain}-*-registration-*", "function:${Domain}-*-registration",
        "VerificationMayCallFunctions: lets somebody call"),
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
    "a role whose name no other account expects": (
        REACH, "RoleName: !Sub '${Domain}-${Environment}-${Target}-deploy", "RoleName: !Sub '${Domain}-deploy",
        "does not follow the lake's names"),
    "another account that is let in as a whole": (
        REACH, "            Condition:\n              ArnEquals: {aws:PrincipalArn:",
        "            Condition:\n              ArnEquals: {aws:SourceArn:", "lets everybody of another account in"),
    "a principal that may not be there yet": (
        REACH, "${BuildAccount}:root'} # the role", "${BuildAccount}:role/lake-deploy'} # the role",
        "names role/lake-deploy, and AWS refuses one that is not there"),
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
    "a provider that CodePipeline does not have": (
        PIPELINE, "Category: Test, Owner: AWS, Provider: CodeBuild", "Category: Test, Owner: AWS, Provider: CodeBuld",
        "Test/CodeBuld is no action of AWS that we know. Did you mean"),
    "a category that its provider does not have": (
        PIPELINE, "Category: Approval, Owner: AWS", "Category: Invoke, Owner: AWS", "Invoke/Manual is no action"),
    "an action without its project": (
        PIPELINE, "                ProjectName: !Sub '${Domain}-${Owner}-check'\n", "", "must be told its ProjectName"),
    "an artifact that would be taken apart or not": (
        PIPELINE, "                  Extract: 'false'\n", "", "must be told its Extract"),
    "triggers without V2": (PIPELINE, "PipelineType: V2", "PipelineType: V1", "only a pipeline of the type V2"),
    "an ActionMode that there is not": (
        PIPELINE,
        "Category: Deploy, Owner: AWS, Provider: S3, Version: '1'}\n                Configuration:\n",
        "Category: Deploy, Owner: AWS, Provider: CloudFormation, Version: '1'}\n                Configuration:\n"
        "                  ActionMode: CREATE_UDPATE\n                  StackName: x\n",
        "CREATE_UDPATE is no ActionMode. Known: "),
    "a variable of a namespace that nothing sets": (
        PIPELINE, "#{Source.CommitId} is verified in ${First}", "#{Sauce.CommitId} is verified in ${First}",
        "nothing sets #{Sauce.CommitId} before this action"),
    "a variable without a namespace": (
        PIPELINE, "#{Source.CommitId} is verified in ${Second}", "#{CommitId} is verified in ${Second}",
        "nothing sets #{CommitId} before this action"),
    "a pipeline's variable with a bad name": (
        PIPELINE, "      ExecutionMode: SUPERSEDED\n",
        "      ExecutionMode: SUPERSEDED\n      Variables: [{Name: the commit}]\n", "'the commit' is no name"),
    "a size of builds that there is not": (
        BUILDS, "BUILD_GENERAL1_MEDIUM", "BUILD_GENERAL1_MIDDLE", "BUILD_GENERAL1_MIDDLE is no ComputeType"),
    "a kind of builds that there is not": (BUILDS, "LINUX_CONTAINER", "LINUX_CONTANER", "LINUX_CONTANER is no Type"),
    "a build's variable with a bad name": (
        BUILDS, "{Name: OWNER, Value", "{Name: LAKE-OWNER, Value", "'LAKE-OWNER' is no name for a variable of a build"),
    "an inline buildspec that is no YAML": (
        BUILDS, "BuildSpec: buildspec.yml", 'BuildSpec: "version: 0.2\\nphases: ["', "its buildspec is no YAML"),
    "an inline buildspec of an older version": (
        BUILDS, "BuildSpec: buildspec.yml", 'BuildSpec: "version: 0.1\\nphases: {}"', "does not begin with"),
    "an inline buildspec with a phase that there is not": (
        BUILDS, "BuildSpec: buildspec.yml", 'BuildSpec: "version: 0.2\\nphases: {biuld: {commands: [make]}}"',
        "has no phase 'biuld'. Did you mean 'build'"),
    "an inline buildspec that does nothing": (
        BUILDS, "BuildSpec: buildspec.yml", 'BuildSpec: "version: 0.2\\nphases: {build: {}}"', "has no commands"),
    "a role that may be handed to any service": (
        BUILDS, "                Condition: {StringEquals: {iam:PassedToService: cloudformation.amazonaws.com}}\n", "",
        "iam:PassRole to any service"),
    "a connection that may be handed to any service": (
        TEAMS,
        "                  Condition: {StringEquals: {codeconnections:PassedToService: codepipeline.amazonaws.com}}\n",
        "",
        "codeconnections:PassConnection to any service"),
    "a key that does not let alarms in": (
        TEAM, "Principal: {Service: cloudwatch.amazonaws.com}", "Principal: {Service: logs.amazonaws.com}",
        "does not let cloudwatch.amazonaws.com use it"),
    "a key that does not let rules in": (
        BOOTSTRAP, "Action: [kms:GenerateDataKey, kms:Decrypt]", "Action: kms:Decrypt",
        "does not let events.amazonaws.com use it"),
    "a topic that does not let rules in": (
        BOOTSTRAP, "Action: sns:Publish", "Action: sns:Subscribe", "no policy lets events.amazonaws.com publish to it"),
    "a definition that does not parse": (MACHINE, '"${Job}"', "${Job}", "is no JSON before substitution"),
    "a machine without its story": (MACHINE, '"Comment"', '"Note"', "has no Comment"),
    "a machine in two languages": (
        MACHINE, '"Type": "Choice"', '"QueryLanguage": "JSONPath", "Type": "Choice"', "speaks JSONPath, JSONata"),
    "a way to nowhere": (MACHINE, '"Next": "Heavy run"', '"Next": "Heavy rnu"', "there is no state 'Heavy rnu'"),
    "a state that no way leads to": (MACHINE, '"Next": "Nothing to publish"', '"Next": "Published"', "no way leads to"),
    "retries that differ": (MACHINE, '"MaxAttempts": 5', '"MaxAttempts": 6', "is tried again in another way"),
    "a failure that nobody records": (MACHINE, '"Catch"', '"Catches"', "would be recorded nowhere"),
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
}  # fmt: skip


def spoilt(file: str, right: str, wrong: str) -> Project:
    """The templates of this repository with one mistake in them."""
    text = (ROOT / file).read_text()
    assert right in text, f"{file} does not say {right!r} any more: plant this mistake elsewhere"
    planted = text.replace(right, wrong, 1)
    return Project(
        tuple(template_of(file, planted) if one.path == file else one for one in SOUND.templates),
        tuple(machine_of(file, planted) if one.path == file else one for one in SOUND.machines),
    )


@pytest.mark.parametrize(("file", "right", "wrong", "told"), MISTAKES.values(), ids=MISTAKES.keys())
def test_the_mistake_is_found(file: str, right: str, wrong: str, told: str) -> None:
    assert told in judge(spoilt(file, right, wrong)).text()


def test_a_finding_leads_to_the_line() -> None:
    project = spoilt(STORAGE, "VisibilityTimeout: 360", "VisibilityTimeout: 10")
    (finding,) = judge(project)
    (template,) = (one for one in project.templates if one.path == finding.path)
    assert template.text.splitlines()[finding.line - 1].strip() == "VisibilityTimeout: 10"


def test_a_template_that_is_no_yaml_is_named(tmp_path: Path) -> None:
    (tmp_path / "foundations").mkdir()
    (tmp_path / ARRIVALS).write_text("AWSTemplateFormatVersion: '2010-09-09'\nResources: {}\nResources: {}\n")
    assert "foundations/arrivals.yaml: Resources is said twice" in lint(tmp_path).text()


def test_more_states_than_fit_on_a_page_are_refused() -> None:
    more = "".join(f'"Step {number}": {{"Type": "Succeed"}}, ' for number in range(12))
    project = spoilt(MACHINE, '"Published": {', f'{more}"Published": {{')
    assert "22 states; at most 12" in judge(project).text()


def test_more_parameters_than_can_be_taken_in_are_refused() -> None:
    more = "".join(f"  More{number}: {{Type: String, Description: Set it.}}\n" for number in range(9))
    project = spoilt(LEDGER, "Parameters:\n", f"Parameters:\n{more}")
    assert "11 parameters; at most 10" in judge(project).text()


def test_a_function_and_an_endpoint_without_a_word_of_it_are_found() -> None:
    plain = "Resources:\n  F: {Type: AWS::Lambda::Function}\n  E: {Type: AWS::EC2::VPCEndpoint}\n"
    found = [finding.path for finding in network.check(Project((template_of("foundations/f.yaml", plain),), ()))]
    assert len(found) == 2
    assert len(list(network.check(Project((template_of("templates/cicd/f.yaml", plain),), ())))) == 1


def test_every_rule_has_a_mistake_that_it_finds() -> None:
    silent = set(RULES)
    for file, right, wrong, _ in MISTAKES.values():
        project = spoilt(file, right, wrong)
        silent -= {rule for rule in silent if any(True for _ in rule(project))}
    assert {rule.__module__.rpartition(".")[2] for rule in silent} <= {"size"}, "size has tests of its own"
