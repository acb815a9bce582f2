"""What a CodeBuild project may be here; the rest is refused by name when it is made."""

from __future__ import annotations

from lakelocal.inside.cicd.service import Given

SOURCES = ("CODECOMMIT", "CODEPIPELINE", "NO_SOURCE", "S3")
ARTIFACTS = ("CODEPIPELINE", "NO_ARTIFACTS")


def wrong_project(given: Given) -> str | None:
    """Why the local CodeBuild does not take a project, or None."""
    source, artifacts = given["source"].get("type"), (given.get("artifacts") or {}).get("type")
    if source not in SOURCES:
        return f"The local CodeBuild takes no source of the type {source}: {', '.join(SOURCES)}"
    if artifacts not in ARTIFACTS:
        return f"The local CodeBuild makes no artifacts of the type {artifacts}: {', '.join(ARTIFACTS)}"
    if (source == "CODEPIPELINE") != (artifacts == "CODEPIPELINE"):
        return "Source and artifacts are both CODEPIPELINE, or neither is"
    refused = [
        name for name in ("vpcConfig", "secondarySources", "buildBatchConfig", "fileSystemLocations") if given.get(name)
    ]
    if refused:
        return f"The local CodeBuild does not do {', '.join(refused)}"
    if (given.get("environment") or {}).get("type", "").startswith("WINDOWS"):
        return "The local CodeBuild runs Linux alone"
    return None
