"""What a pipeline may be made of; the rest is refused by name when it is created, not when it runs.

Source: https://docs.aws.amazon.com/codepipeline/latest/userguide/reference-pipeline-structure.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lakelocal.inside.cicd import triggers
from lakelocal.inside.cicd.failure import Refused

KINDS = {
    ("Source", "CodeCommit"): ("RepositoryName", "BranchName"),
    ("Source", "CodeStarSourceConnection"): ("ConnectionArn", "FullRepositoryId", "BranchName"),
    ("Source", "S3"): ("S3Bucket", "S3ObjectKey"),
    ("Build", "CodeBuild"): ("ProjectName",),
    ("Test", "CodeBuild"): ("ProjectName",),
    ("Approval", "Manual"): (),
    ("Deploy", "S3"): ("BucketName", "ObjectKey", "Extract"),
}
"""The actions that run here, and what each must be told."""
MODES = ("SUPERSEDED", "QUEUED", "PARALLEL")
NAME = re.compile(r"[\w.@-]{1,100}")
Declared = dict[str, Any]


def check(pipeline: Declared) -> None:
    """Raise Refused for the first thing that AWS or the local CodePipeline would not take."""
    for code, message in _wrong(pipeline):
        raise Refused(code, message)


def _wrong(pipeline: Declared) -> Iterator[tuple[str, str]]:
    structure, stages = "InvalidStructureException", pipeline["stages"]
    if not NAME.fullmatch(pipeline["name"]):
        yield structure, f"{pipeline['name']} is not a name for a pipeline"
    if pipeline.get("pipelineType", "V1") != "V2":
        yield structure, "The local CodePipeline runs pipelines of the type V2"
    mode = pipeline.get("executionMode", "SUPERSEDED")
    if mode not in MODES:
        yield structure, f"The local CodePipeline does not do the execution mode {mode}: {', '.join(MODES)}"
    if pipeline.get("artifactStores") or (pipeline.get("artifactStore") or {}).get("type") != "S3":
        yield structure, "The local CodePipeline takes one artifactStore, of the type S3"
    if len(stages) < 2:
        yield structure, "Pipeline should have at least two stages"
    if len({stage["name"] for stage in stages}) < len(stages):
        yield structure, "Two stages have the same name"
    for wrong in triggers.wrong(pipeline):
        yield structure, wrong
    written: set[str] = set()
    for number, stage in enumerate(stages):
        for condition in ("beforeEntry", "onSuccess"):
            if stage.get(condition):
                yield structure, f"The local CodePipeline has no conditions: {condition} of stage {stage['name']}"
        result = (stage.get("onFailure") or {}).get("result", "FAIL")
        if result not in ("FAIL", "ROLLBACK") or (stage.get("onFailure") or {}).get("conditions"):
            yield structure, f"onFailure of stage {stage['name']} is {result}: the local CodePipeline does ROLLBACK"
        if result == "ROLLBACK" and mode == "PARALLEL":
            yield structure, "Stages of a pipeline in the mode PARALLEL cannot be rolled back"
        if result == "ROLLBACK" and number == 0:
            yield structure, "The source stage cannot be rolled back"
        for action in stage["actions"]:
            yield from _wrong_action(stage["name"], action, number == 0, written)
        for action in stage["actions"]:
            written |= {one["name"] for one in action.get("outputArtifacts") or []}


def _wrong_action(stage: str, action: Declared, first: bool, written: set[str]) -> Iterator[tuple[str, str]]:
    kind, where = action["actionTypeId"], f"action {action['name']} of stage {stage}"
    declaration, settings = "InvalidActionDeclarationException", action.get("configuration") or {}
    named = (kind["category"], kind["provider"])
    if named not in KINDS or kind["owner"] != "AWS":
        known = ", ".join("/".join(one) for one in KINDS)
        yield (
            "InvalidActionDeclarationException",
            f"The local CodePipeline does not do {'/'.join(named)} ({where}): {known}",
        )
        return
    if (named[0] == "Source") != first:
        yield "InvalidStructureException", f"Source actions stand in the first stage, and only they: {where}"
    if action.get("roleArn") or action.get("region"):
        yield "InvalidActionDeclarationException", f"The local CodePipeline acts in one account and region: {where}"
    missing = [name for name in KINDS[named] if not settings.get(name)]
    if missing:
        yield declaration, f"{where} lacks {', '.join(missing)} in its configuration"
    if settings.get("Extract", "false") != "false":
        yield declaration, f"The local CodePipeline extracts no artifact: {where}"
    if named == ("Source", "S3") and settings.get("PollForSourceChanges") != "false":
        yield declaration, f"The local CodePipeline does not poll for changes: {where}"
    form = settings.get("OutputArtifactFormat", "CODE_ZIP")
    if form != "CODE_ZIP":
        yield declaration, f"The local CodePipeline takes CODE_ZIP, not {form}: {where}"
    for artifact in action.get("inputArtifacts") or []:
        if artifact["name"] not in written:
            yield "InvalidStructureException", f"{where} reads {artifact['name']}, which no stage before it writes"
    if named[1] == "CodeBuild" and not action.get("inputArtifacts"):
        yield "InvalidActionDeclarationException", f"{where} has no input artifact"
