"""The table of readers: one for each format that objects may have."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib import import_module

from lake.core.format import HEAVY, LIGHT
from lake.light.crew import Crew
from lake.light.orc import stage_orc
from lake.light.pipeline import Pipeline
from lake.light.plain_lines import stage_json_lines
from lake.light.rows import stage_rows
from lake.light.stage import Staged
from lake.light.tables import stage_tables
from lake.light.texts import Refused, stage_texts

Reader = Callable[[Crew, Pipeline], Iterator[Staged | Refused]]


def stage_tabbed(crew: Crew, pipeline: Pipeline) -> Iterator[Staged | Refused]:
    """Delimited text whose delimiter is a tab unless declared otherwise."""
    source = pipeline.dataset.source
    tabbed = replace(source, options={"delimiter": "\t", **source.options})
    yield from stage_texts(crew, replace(pipeline, dataset=replace(pipeline.dataset, source=tabbed)))


def _rows(module: str) -> Reader:
    """The reader `read` of a module, which is imported when a batch needs it."""

    def stage(crew: Crew, pipeline: Pipeline) -> Iterator[Staged | Refused]:
        yield from stage_rows(import_module(f"lake.light.{module}").read, crew, pipeline)

    return stage


_LIGHT: dict[str, Reader] = {
    "csv": stage_texts,
    "tsv": stage_tabbed,
    "parquet": stage_tables,
    "fixed": _rows("fixed"),
    "jsonl": stage_json_lines,
    "json": _rows("json_document"),
    "avro": _rows("avro"),
    "excel": _rows("excel"),
    "xml": _rows("xml"),
    "binary": _rows("binary"),
}
_HEAVY: dict[str, Reader] = {"orc": stage_orc}
READERS: dict[str, Reader] = {name: _LIGHT[name] for name in LIGHT} | {name: _HEAVY[name] for name in HEAVY}
