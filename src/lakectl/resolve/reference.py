"""Names in one file that another file must hold: teams, pipelines."""

from __future__ import annotations

from collections.abc import Iterator

from lakectl.specs.finding import Finding
from lakectl.specs.load import Lake
from lakectl.specs.name import nearest

LONGEST_NAME = 60
"""Of `<team>-<dataset>` in the name of a run's execution."""


def reference_problems(lake: Lake) -> Iterator[Finding]:
    by_stack: dict[str, str] = {}
    pipelines: dict[str, str] = {}
    for name, dataset in lake.datasets.items():
        spec, document = dataset.spec, dataset.document
        if spec.team not in lake.teams and spec.team not in lake.unread:
            hint = f"{nearest(spec.team, lake.teams)} A new team is a file, team/{spec.team}.yaml."
            yield document.finding(("team",), f"{spec.team!r} is not a team.", hint)
        if spec.pipeline not in lake.pipelines and spec.pipeline not in lake.unread:
            hint = nearest(spec.pipeline, lake.pipelines)
            yield document.finding(("pipeline",), f"{spec.pipeline!r} is not a pipeline.", hint)
        elif pipelines.setdefault(spec.team, spec.pipeline) != spec.pipeline:
            message = f"team {spec.team} already uses {pipelines[spec.team]!r}; a second pipeline is not built yet."
            yield document.finding(("pipeline",), message, f"Use {pipelines[spec.team]!r}.")
        stack = f"{spec.team}-{spec.dataset}".replace("_", "-")
        if by_stack.setdefault(stack, name) != name:
            message = f"its stack would be called {stack!r}, like that of {by_stack[stack]}."
            yield document.finding(("dataset",), message, "Choose another name.")
        if len(stack) > LONGEST_NAME:
            message = f"team and dataset together are longer than {LONGEST_NAME - 1} characters."
            yield document.finding(("dataset",), message, "Choose a shorter name.")


def pipeline_problems(lake: Lake) -> Iterator[Finding]:
    for pipeline in lake.pipelines.values():
        stages = [stage.stage for stage in pipeline.spec.stages]
        if stages != ["a", "b"]:
            message = f"the stages are {', '.join(stages) or 'none'}; other ways than a, b are not built yet."
            hint = "List stage a, then stage b."
            if stages.count("b") > 1:  # tables of a team have one committer
                hint += " A second engine is a second pipeline, of another team."
            yield pipeline.document.finding(("stages",), message, hint)
        elif pipeline.spec.stage_a.timeout > 900:
            yield pipeline.document.finding(
                ("stages", 0, "timeout"), "Lambda runs for at most 15 minutes.", "Shorten it."
            )
