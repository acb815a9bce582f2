"""Mistakes that somebody could make in state machines: where, instead of what, what, and what is told."""

MACHINE, LARGE = "pipelines/stage-b.asl.json", "pipelines/stage-a-large.asl.json"

JOB = '"Resource": "arn:${Partition}:states:::glue:startJobRun.sync",\n      "Arguments": {'
EXECUTION = '"Resource": "arn:${Partition}:states:::states:startExecution",\n      "Arguments": {"Name": '
STAGED = '"Staged": {\n      "Type": "Succeed"\n    }'
ONE = '{"StartAt": "One", "States": {"One": {"Type": "Pass", "End": true}}}, "End": true}'
NOWHERE = ONE.replace('"End": true}}', '"Next": "Two"}}')
DISTRIBUTED = ONE.replace("{", '{"ProcessorConfig": {"Mode": "DISTRIBUTED"}, ', 1)

MISTAKES = {
    "a definition that does not parse": (MACHINE, '"${Job}"', "${Job}", "is no JSON before substitution"),
    "a machine without its story": (MACHINE, '"Comment"', '"Note"', "has no Comment"),
    "a machine in two languages": (
        MACHINE, '"Type": "Choice"', '"QueryLanguage": "JSONPath", "Type": "Choice"', "speaks JSONPath, JSONata"),
    "a way to nowhere": (MACHINE, '"Next": "Heavy run"', '"Next": "Heavy rnu"', "there is no state 'Heavy rnu'"),
    "a state that no way leads to": (MACHINE, '"Next": "Nothing to publish"', '"Next": "Published"', "no way leads to"),
    "retries that differ": (MACHINE, '"MaxAttempts": 5', '"MaxAttempts": 6', "is tried again in another way"),
    "a failure that nobody records": (MACHINE, '"Catch"', '"Catches"', "would be recorded nowhere"),
    "a list of any length in one history": (
        LARGE, STAGED, '"Staged": {"Type": "Map", "Items": "{% $f %}", "Output": "{% 1 %}", "ItemProcessor": ' + ONE,
        "Staged: writes events for every item of a list of any length"),
    "a circle without end": (
        LARGE, '"Next": "Staged"', '"Next": "Stage the batch"', "Stage the batch: comes round again without end"),
    "a circle that comes round too often": (
        MACHINE, '"Set aside": {\n      "Type": "Succeed"\n    }',
        '"Set aside": {\n      "Type": "Wait", "Seconds": 10, "Next": "Record run"\n    }',
        "events into a history that ends at 25,000"),
    "more attempts than a history has room for": (
        LARGE, '"MaxAttempts": 12', '"MaxAttempts": 9000', "Stage the batch: may write 36,0"),
    "results of a list of any length": (
        LARGE, STAGED, '"Staged": {"Type": "Map", "ItemReader": {}, "ItemProcessor": ' + DISTRIBUTED,
        "Staged: keeps what every item of a list of any length gave"),
    "a whole list that is handed on": (
        LARGE, STAGED, '"Staged": {"Type": "Map", "Output": "{% 1 %}", "ItemProcessor": ' + DISTRIBUTED,
        "Staged: is handed its whole list"),
    "an answer of any size": (
        LARGE, "glue:startJobRun.sync", "aws-sdk:s3:listObjectsV2",
        "takes in an answer of any size from aws-sdk:s3:listObjectsV2"),
    "a variable that grows with each round": (
        LARGE, '"Next": "Staged"',
        '"Assign": {"tried": "{% $append($tried, $states.input) %}"}, "Next": "Stage the batch"',
        "makes $tried longer each time it comes round"),
    "an execution that is started without a name": (
        LARGE, JOB, '"Resource": "arn:${Partition}:states:::states:startExecution",\n      "Arguments": {',
        "would start another execution each time it is tried"),
    "an execution whose name holds a colon": (
        LARGE, JOB, EXECUTION + '"{% $states.context.Execution.Id %}",', "its execution's name would hold a colon"),
    "an execution whose name is too long": (
        LARGE, JOB, EXECUTION + "\"{% 'again-' & $states.context.Execution.Name %}\",",
        "its execution's name may have more than 80 characters"),
    "an execution whose name has spaces": (
        LARGE, JOB, EXECUTION + '"the next one",', "'the next one' is no name of an execution"),
    "a way to nowhere, within a Map": (
        LARGE, STAGED, '"Staged": {"Type": "Map", "ItemProcessor": ' + NOWHERE,
        "there is no state 'Two'"),
}  # fmt: skip
