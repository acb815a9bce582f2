"""The query that a part goes through: read, check the contract, transform, check the rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lake.core.contract import PROVENANCE, Column
from lake.core.dataset import Dataset
from lake.core.quality import Rule
from lake.core.type import stored_type
from lake.light.part import Part
from lake.light.reading import cast, readings, reason, shown
from lake.light.relation import raw, relation
from lake.light.source import Source
from lake.light.sql import quoted, sql_type, text

OBJECTS = "_objects"
"""The table in every engine that says which object a place in the batch is: place, key, sequencer, moment."""


@dataclass(frozen=True, slots=True)
class Pipeline:
    """What is the same for all parts of a batch.

    `enforced` are the row rules that set rows aside. `given` are the columns that the light transform's SQL gives, and
    DuckDB's names of their types.
    """

    dataset: Dataset
    sources: Sequence[Source]
    batch_id: str
    enforced: tuple[Rule, ...]
    schema: tuple[Column, ...]
    light: str
    given: Mapping[str, str] = field(default_factory=dict)

    def good(self, part: Part) -> str:
        """The part's rows that keep the contract, with `_file` and `_src_row`."""
        kept = " AND ".join([*(one.fits for one in readings(part, self.schema)), *_not_left_out(part)])
        return f"SELECT {self._values(part)}, _file, _src_row FROM ({self._cast(part)}) WHERE {kept}"

    def staged(self, part: Part) -> str:
        """What the staged file holds of the part."""
        columns = ", ".join(_stored(column) for column in (*self.dataset.staged, *PROVENANCE))
        rows = self.after(part, self.good(part))
        held = " AND ".join(_holds(rule) for rule in self.enforced)
        return f"SELECT {columns} FROM ({rows})" + (f" WHERE {held}" if held else "")

    def after(self, part: Part, good: str) -> str:
        """Rows after the light transform in their staged types, of rows that keep the contract."""
        return self._fitting(self._transformed(part, good))

    def _fitting(self, rows: str) -> str:
        """Rows after the light transform, in their staged types; those that do not fit are left out."""
        if not self.light:
            return rows
        casts = ", ".join(
            f"CAST({quoted(column.name)} AS {sql_type(column.type)}) AS {quoted(column.name)}"
            for column in self.dataset.staged
        )
        fit = " AND ".join(self._widens(column) for column in self.dataset.staged)
        return f"SELECT * REPLACE ({casts}) FROM ({rows}) WHERE {fit}"

    def set_aside(self, part: Part, only: str = "") -> str:
        """Rows of the part that break the contract or a rule, and why; `only` restricts the records that are read."""
        every = list(zip(self.schema, readings(part, self.schema), strict=True))
        marks = ", ".join(f"{one.fits} AS _fits_{place}" for place, (_, one) in enumerate(every))
        fit = " AND ".join(f"_fits_{place}" for place in range(len(every)))
        words = part.dialect.null_values if part.kind != "parquet" else ()
        reasons = ", ".join(
            f"CASE WHEN NOT _fits_{place} THEN {reason(column, words)} END" for place, (column, _) in enumerate(every)
        )
        where = f" WHERE {only}" if only else ""
        cells = (
            f"to_json({{{', '.join(f'{text(column.name)}: {quoted(raw(column.name))}' for column in self.schema)}}})"
        )
        as_text = (
            f"coalesce(_quoted, {cells}::VARCHAR)" if part.quotes_raw or part.kind != "clean" else f"{cells}::VARCHAR"
        )
        kept = " AND ".join([fit, *_not_left_out(part)])
        good = f"SELECT {self._values(part)}, _file, _src_row FROM _judged WHERE {kept}"
        return f"""
            WITH _judged AS MATERIALIZED (SELECT *, {marks} FROM ({self._cast(part)}){where}),
            _after AS MATERIALIZED ({self._transformed(part, good)})
            SELECT _file, _src_row, _line, 'contract' AS rule, [] AS broken,
                concat_ws('; ', {reasons}) AS reason, {as_text} AS row
            FROM _judged WHERE NOT ({fit})
            UNION ALL BY NAME
            SELECT * FROM ({self._broken()})
        """

    def _cast(self, part: Part) -> str:
        casts = ", ".join(
            f"{one.cast} AS {quoted(cast(column))}"
            for column, one in zip(self.schema, readings(part, self.schema), strict=True)
        )
        return f"SELECT *, {casts} FROM ({relation(part)})"

    def _values(self, part: Part) -> str:
        return ", ".join(
            f"{one.value} AS {quoted(column.name)}"
            for column, one in zip(self.schema, readings(part, self.schema), strict=True)
        )

    def _transformed(self, part: Part, good: str) -> str:
        """Rows after the light transform, with all of their provenance, before they are cast to their staged types."""
        batch = f"{text(self.batch_id)} AS _batch_id"
        if len(part.sources) == 1:
            source = self.sources[part.sources[0]]
            same = text if self.light else _same
            origin = f"{same(source.key)} AS _src_key, {same(source.sequencer)} AS _src_seq"
            batch = f"{same(self.batch_id)} AS _batch_id"
            moment = f"TIMESTAMP {text(source.moment)}"
            view = f"SELECT * EXCLUDE (_file), {origin}, {batch}, {moment} AS _ingested_at FROM ({good})"
            if not self.light:
                return view
            rows = f"WITH source AS ({view}) SELECT * FROM ({self.light})"
            return f"SELECT *, {batch}, {moment} AS _ingested_at FROM ({rows})"
        origin = "_key AS _src_key, _sequencer AS _src_seq"
        view = (
            f"SELECT * EXCLUDE (_file, _place, _key, _sequencer, _moment), {origin}, {batch}, _moment AS _ingested_at"
        )
        view = f"{view} FROM ({good}) JOIN {OBJECTS} ON _file = _place"
        if not self.light:
            return view
        rows = f"WITH source AS ({view}) SELECT * FROM ({self.light})"
        back = f"JOIN {OBJECTS} ON _src_key = _key AND _src_seq = _sequencer"
        columns = f"* EXCLUDE (_place, _key, _sequencer, _moment), {batch}, _moment AS _ingested_at"
        return f"SELECT {columns} FROM ({rows}) {back}"

    def source_shape(self) -> str:
        """A query without rows that has the columns of the view `source`."""
        columns = (*self.schema, *PROVENANCE)
        nulls = ", ".join(f"NULL::{sql_type(one.type)} AS {quoted(one.name)}" for one in columns)
        return f"SELECT {nulls} WHERE false"

    def _widens(self, column: Column) -> str:
        """Whether casting what the transform gave to the staged type, and back, changes nothing."""
        name, type_ = quoted(column.name), sql_type(column.type)
        cast = f"TRY_CAST({name} AS {type_})"
        if self.given.get(column.name) == "VARCHAR":
            cast += "::VARCHAR"
        same = f"{cast} IS NOT DISTINCT FROM {name}"
        return f"({same})" if column.nullable else f"({same} AND {name} IS NOT NULL)"

    def _broken(self) -> str:
        """Of the rows after the transform: those that do not fit their columns, and those that break a rule."""
        staged = self.dataset.staged
        row = f"to_json({{{', '.join(f'{text(one.name)}: {quoted(one.name)}' for one in staged)}}})::VARCHAR AS row"
        keep = "_place AS _file, _src_row, _at_line AS _line"
        home = f"JOIN {OBJECTS} ON _src_key = _key AND _src_seq = _sequencer"
        lines = "SELECT _file AS _of, _src_row AS _number, _line AS _at_line FROM _judged"
        home += f" JOIN ({lines}) ON _of = _place AND _number = _src_row"
        queries = [f"SELECT {keep}, '' AS rule, [''] AS broken, '' AS reason, '' AS row FROM _after {home} WHERE false"]
        if self.light:
            why = ", ".join(
                f"CASE WHEN NOT {self._widens(column)} THEN {_staged_reason(column)} END" for column in staged
            )
            fit = " AND ".join(self._widens(column) for column in staged)
            shape = f"{keep}, 'contract' AS rule, [] AS broken, concat_ws('; ', {why}) AS reason, {row}"
            queries.append(f"SELECT {shape} FROM _after {home} WHERE NOT ({fit})")
        if self.enforced:
            ids, texts_ = (
                ", ".join(f"CASE WHEN NOT {_holds(rule)} THEN {text(what)} END" for rule, what in pairs)
                for pairs in ([(r, r.id) for r in self.enforced], [(r, r.dqdl) for r in self.enforced])
            )
            held = " AND ".join(_holds(rule) for rule in self.enforced)
            broken = f"list_filter([{ids}], lambda x: x IS NOT NULL)"
            shape = f"{keep}, coalesce({ids}) AS rule, {broken} AS broken, coalesce({texts_}) AS reason, {row}"
            queries.append(f"SELECT {shape} FROM ({self._fitting('SELECT * FROM _after')}) {home} WHERE NOT ({held})")
        return " UNION ALL BY NAME ".join(queries)


def _stored(column: Column) -> str:
    """A column as the staged file holds it."""
    name, stored = quoted(column.name), stored_type(column.type)
    return name if stored == column.type else f"CAST({name} AS {sql_type(stored)}) AS {name}"


def _same(value: str) -> str:
    """A text that every row holds: as the one word of an enumeration it is written without a look at each row."""
    return f"{text(value)}::ENUM({text(value)})"


def _not_left_out(part: Part) -> list[str]:
    return [f"_src_row NOT IN ({', '.join(map(str, part.left_out))})"] if part.left_out else []


def _holds(rule: Rule) -> str:
    return f"coalesce({rule.predicate}, false)"


def _staged_reason(column: Column) -> str:
    name = quoted(column.name)
    said = text(f" is not {column.type} after the light transform")
    wrong = f"concat({text(column.name + ': ')}, {shown(name + '::VARCHAR')}, {said})"
    null = text(f"{column.name}: is null after the light transform but must not be")
    return f"CASE WHEN {name} IS NULL THEN {null} ELSE {wrong} END"
