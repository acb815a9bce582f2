"""dataset.yaml: one dataset, everything about it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from lake.core.format import FORMATS
from lakectl.specs.column import ColumnSpec, LaterColumn
from lakectl.specs.lake import Email
from lakectl.specs.model import ColumnName, DatasetName, Listed, Spec, TeamName, Texts, check_word, one_of
from lakectl.specs.option import Options
from lakectl.specs.pipeline import BatchSize, TriggerSpec
from lakectl.specs.quantity import Bytes, Seconds

MODES = ("append", "merge", "history", "replace")
MODES_ELSEWHERE = {
    "upsert": "merge",
    "overwrite": "replace",
    "full": "replace",
    "insert": "append",
    "scd1": "merge",
    "scd2": "history",
}
FORMATS_ELSEWHERE = {
    "ndjson": "jsonl",
    "jsonlines": "jsonl",
    "json_lines": "jsonl",
    "xlsx": "excel",
    "xls": "excel",
    "text": "csv",
    "tab": "tsv",
    "fwf": "fixed",
    "fixed_width": "fixed",
    "image": "binary",
    "pdf": "binary",
}
_DROP_FILES = "Use drop, and put files into the raw bucket; or tables, to read other datasets."
KINDS_TO_COME = dict.fromkeys(("stream", "api", "sftp", "database", "saas", "share"), _DROP_FILES)

Columns = Annotated[tuple[ColumnSpec, ...], Listed, Field(min_length=1)]
LaterColumns = Annotated[tuple[LaterColumn, ...], Listed, Field(min_length=1)]
FileName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]*\.(sql|py)$")]


class DropSource(Spec):
    """Files that land in the raw bucket under `prefix` (default `<team>/<dataset>/`)."""

    kind: Literal["drop"]
    format: Annotated[
        str, one_of("format", FORMATS, synonyms=FORMATS_ELSEWHERE), WithJsonSchema({"enum": list(FORMATS)})
    ]
    prefix: str = ""
    options: Options = Options()
    ignore: Texts = ()


class TablesSource(Spec):
    """The published tables of other datasets, each written `<team>.<dataset>`."""

    kind: Literal["tables"]
    inputs: Annotated[Texts, Field(alias="from", min_length=1)]


def _kind(value: Any) -> Any:
    """Refuse a kind by name before the union of models does it in the words of a library."""
    if isinstance(value, dict) and "kind" in value:
        check_word(value["kind"], "source kind", ("drop", "tables"), KINDS_TO_COME, at="kind")
    return value


SourceSpec = Annotated[DropSource | TablesSource, Field(discriminator="kind"), BeforeValidator(_kind)]


class LightSpec(Spec):
    """A transform in Lambda, row by row: one file of SQL or of Python. `schema` describes its columns if they change.

    A column that stays is named alone, and "*" names all of them.
    """

    sql: FileName = ""
    python: FileName = ""
    columns: Annotated[LaterColumns | None, Field(alias="schema")] = None


class ValiditySpec(Spec):
    """What mode `history` calls the columns that say when a version of a key is true."""

    valid_from: ColumnName = "valid_from"
    valid_to: ColumnName = "valid_to"
    is_current: ColumnName = "is_current"

    @property
    def names(self) -> tuple[str, str, str]:
        return (self.valid_from, self.valid_to, self.is_current)


class TableSpec(Spec):
    """The table that the dataset publishes. `schema` describes its columns if they differ from what is staged.

    A column that stays is named alone, and "*" names all of them. `partition`, `sort` and `file_size` say how its
    files are laid out; changing them changes what is written from then on.
    """

    mode: Annotated[Literal["append", "merge", "history", "replace"], one_of("mode", MODES, synonyms=MODES_ELSEWHERE)]
    keys: Texts = ()
    order_by: Texts = ()
    delete_when: str = ""
    validity: ValiditySpec | None = None
    partition: Texts = ()
    sort: Texts = ()
    file_size: Bytes | None = None
    sql: FileName = ""
    python: FileName = ""
    columns: Annotated[LaterColumns | None, Field(alias="schema")] = None

    @property
    def validity_names(self) -> tuple[str, ...]:
        """The columns that the mode adds to the declared ones."""
        return (self.validity or ValiditySpec()).names if self.mode == "history" else ()


def _date(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return date.fromisoformat(value)
    except ValueError:
        context = {"value": repr(value), "hint": "Write it like 2026-01-31."}
        raise PydanticCustomError("date", "{value} is not a day.", context) from None


ZONES = ("stage", "analytics")
ON_FAIL = ("warn", "quarantine", "halt")


class RuleSpec(Spec):
    """One DQDL rule, where it is judged, and what happens when it fails."""

    zone: Annotated[Literal["stage", "analytics"], one_of("zone", ZONES)]
    rule: str
    on_fail: Annotated[Literal["warn", "quarantine", "halt"], one_of("consequence", ON_FAIL)] = "quarantine"
    owner: str = ""
    waived_until: Annotated[
        date | None,
        BeforeValidator(_date),
        WithJsonSchema({"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]}),
    ] = None


def _at_least_a_sweep(value: int) -> int:
    if value < SWEEP:
        context = {"hint": "Write '5 minutes' or more: ages are measured every five minutes."}
        raise PydanticCustomError("freshness", "freshness is shorter than it can be measured.", context)
    return value


SWEEP = 300
Freshness = Annotated[Seconds, AfterValidator(_at_least_a_sweep)]
"""How old a table may be before its team is told, in seconds."""


class DatasetSpec(Spec):
    NOT_BUILT: ClassVar[dict[str, str]] = {
        "schedule": "Use trigger: a run starts when enough has waited, or 'lake run' starts one.",
        "retention": "Set retention in lake.yaml, for all datasets.",
        "access": "The team's reader role reads all of its tables.",
    }

    team: TeamName
    dataset: DatasetName
    description: str
    owner: Email
    pipeline: str = "standard"
    source: SourceSpec
    columns: Annotated[Columns | None, Field(alias="schema")] = None
    light: LightSpec = LightSpec()
    table: TableSpec
    quality: Annotated[tuple[RuleSpec, ...], Listed] = ()
    batch: BatchSize | None = None
    trigger: TriggerSpec | None = None
    freshness: Freshness | None = None


def prefix_of_source(spec: DatasetSpec) -> str:
    """The keys of the raw bucket that a drop dataset claims; empty for a derived one."""
    return (spec.source.prefix or f"{spec.team}/{spec.dataset}/") if isinstance(spec.source, DropSource) else ""
