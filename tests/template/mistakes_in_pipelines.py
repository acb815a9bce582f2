"""Mistakes that somebody could make in the templates of pipelines: where, instead of what, what, and what is told."""

BOOTSTRAP, TEAMS = "templates/cicd/bootstrap.yaml", "templates/cicd/teams.yaml"
PIPELINE, BUILDS = "templates/cicd/pipeline.yaml", "templates/cicd/builds.yaml"
REACH, DEPLOYER = "templates/cicd/reach.yaml", "templates/cicd/deployer.yaml"
VERIFY, SOURCE = "templates/cicd/verify.yaml", "templates/cicd/source.yaml"

MISTAKES = {
    "a pattern that ends at a function": (
        VERIFY, "function:${Domain}-*-registration-*", "function:${Domain}-*-registration",
        "VerificationMayCallFunctions: lets somebody call"),
    "a role whose name no other account expects": (
        REACH, "RoleName: !Sub '${Domain}-${Environment}-${Target}-deploy", "RoleName: !Sub '${Domain}-deploy",
        "does not follow the lake's names"),
    "another account that is let in as a whole": (
        REACH, "            Condition:\n              ArnEquals: {aws:PrincipalArn:",
        "            Condition:\n              ArnEquals: {aws:SourceArn:", "lets everybody of another account in"),
    "a principal that may not be there yet": (
        REACH, "${BuildAccount}:root'} # the role", "${BuildAccount}:role/lake-deploy'} # the role",
        "names role/lake-deploy, and AWS refuses one that is not there"),
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
    "a key that does not let rules in": (
        BOOTSTRAP, "Action: [kms:GenerateDataKey, kms:Decrypt]", "Action: kms:Decrypt",
        "does not let events.amazonaws.com use it"),
    "a topic that does not let rules in": (
        BOOTSTRAP, "Action: sns:Publish", "Action: sns:Subscribe", "nothing lets events.amazonaws.com do sns:Publish"),
    "whoever deploys may not tag": (
        DEPLOYER, ", sqs:TagQueue]", "]", "may not tag AWS::SQS::Queue of foundations/storage.yaml"),
    "builds that log for ever": (
        BUILDS, "      LogsConfig: {CloudWatchLogs: {Status: ENABLED, GroupName: !Ref CheckLogs}}\n", "",
        "logs to a group that CodeBuild makes"),
    "a rule that starts a pipeline without a role": (
        SOURCE, "          RoleArn: !GetAtt PushRole.Arn\n", "",
        "PushRule.Targets: has no role, and codepipeline:StartPipelineExecution needs one"),
    "a role that EventBridge may not take": (
        SOURCE, "Principal: {Service: events.amazonaws.com}", "Principal: {Service: codepipeline.amazonaws.com}",
        "PushRole: does not trust events.amazonaws.com"),
    "a role that may not start what it is for": (
        SOURCE, "codepipeline:StartPipelineExecution", "codepipeline:GetPipelineExecution",
        "PushRole: may not do codepipeline:StartPipelineExecution"),
}  # fmt: skip
