"""A dataset's two transforms: read from their files, checked, completed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot import exp

from lakectl.resolve.column import (
    Columns,
    is_derived,
    names_of,
    readable_columns,
    source_columns,
    staged_columns,
    table_columns,
)
from lakectl.specs.dataset import DatasetSpec
from lakectl.specs.document import Location
from lakectl.specs.finding import BrokenSpecs, Finding
from lakectl.specs.load import Lake, Loaded
from lakectl.specs.name import nearest
from lakectl.specs.text import Text
from lakectl.sql import module, projection, relation, rowwise
from lakectl.sql.statement import Statement, parse_query


@dataclass(frozen=True, slots=True)
class Transform:
    """What goes into the compiled dataset; both empty if there is no transform."""

    sql: str = ""
    python: str = ""


def light_transform(dataset: Loaded[DatasetSpec], findings: list[Finding]) -> Transform:
    spec = dataset.spec
    text = _chosen(dataset, "light", findings)
    if text is None:
        if spec.light.columns:
            findings.append(_needless_schema(dataset, "light"))
        return Transform()
    if text.path.endswith(".py"):
        findings += module.problems(text.path, text.sql, module.LIGHT_ARGUMENTS, dataset.folder)
        return Transform(python=text.sql)
    return Transform(
        sql=_row_wise(text, "duckdb", "source", source_columns(spec), staged_columns(spec), dataset, "light", findings)
    )


def heavy_transform(lake: Lake, dataset: Loaded[DatasetSpec], findings: list[Finding]) -> Transform:
    spec = dataset.spec
    text = _chosen(dataset, "table", findings)
    if text is None:
        if is_derived(spec) and not _named(dataset, "table"):
            hint = "Add sql: heavy.sql or python: heavy.py."
            findings.append(dataset.document.finding(("table",), "a derived dataset needs a transform.", hint))
        elif spec.table.columns and not is_derived(spec):
            findings.append(_needless_schema(dataset, "table"))
        return Transform()
    if text.path.endswith(".py"):
        findings += module.problems(text.path, text.sql, module.HEAVY_ARGUMENTS, dataset.folder)
        return Transform(python=text.sql)
    if is_derived(spec):
        return Transform(sql=_derived(text, lake, dataset, findings))
    if spec.table.mode == "replace":
        return Transform(sql=_replacing(text, dataset, findings))
    columns = (staged_columns(spec), table_columns(spec))
    return Transform(sql=_row_wise(text, "spark", "staged", *columns, dataset, "table", findings))


def _named(dataset: Loaded[DatasetSpec], step: str) -> list[str]:
    chosen = getattr(dataset.spec, step)
    return [key for key in ("sql", "python") if getattr(chosen, key)]


def _chosen(dataset: Loaded[DatasetSpec], step: str, findings: list[Finding]) -> Text | None:
    """The file that a step names, read; findings if it names two, a wrong one, or one that is not there."""
    keys = _named(dataset, step)
    if len(keys) > 1:
        findings.append(dataset.document.finding((step, "python"), "sql and python are both given.", "Keep one."))
    if not keys:
        return None
    location, name = (step, keys[0]), getattr(getattr(dataset.spec, step), keys[0])
    ending = ".sql" if keys[0] == "sql" else ".py"
    file = dataset.folder / name
    if not name.endswith(ending):
        findings.append(
            dataset.document.finding(location, f"{name!r} does not end in {ending}.", "Correct the key or the name.")
        )
        return None
    if not file.is_file():
        there = [one.name for one in dataset.folder.iterdir() if one.suffix == ending]
        findings.append(dataset.document.finding(location, f"there is no file {name!r} here.", nearest(name, there)))
        return None
    path = file.relative_to(dataset.folder.parents[2]).as_posix()
    try:
        return Text(path, file.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        findings.append(Finding(path, 1, 1, "", f"byte {error.start} is not UTF-8.", "Save it as UTF-8."))
        return None


def _needless_schema(dataset: Loaded[DatasetSpec], step: str) -> Finding:
    return dataset.document.finding(
        (step, "schema"),
        "nothing changes the columns here.",
        f"Remove it, or add {step}.sql or {step}.python.",
        at_key=True,
    )


def _row_wise(
    text: Text,
    dialect: str,
    view: str,
    before: Columns,
    after: Columns,
    dataset: Loaded[DatasetSpec],
    step: str,
    findings: list[Finding],
) -> str:
    try:
        statement = parse_query(text, dialect)
    except BrokenSpecs as broken:
        findings += broken.findings
        return ""
    found = list(rowwise.problems(statement, view, names_of(before)))
    if isinstance(statement.tree, exp.Select):
        found += projection.star_problems(statement)
        names, problems = projection.output_names(statement, names_of(before))
        found += problems
        found += _differences(statement, names, after, dataset, step)
    findings += found
    provenance = projection.LIGHT_PROVENANCE if step == "light" else projection.HEAVY_PROVENANCE
    return "" if found else projection.completed(statement, names_of(before), provenance)


def _differences(
    statement: Statement, names: list[str], declared: Columns, dataset: Loaded[DatasetSpec], step: str
) -> Iterator[Finding]:
    """Columns that a query gives and nobody declared, and the other way round."""
    chosen = getattr(dataset.spec, step)
    location: Location = (step, "schema") if chosen.columns else ("schema",)
    exact = not any(isinstance(one, str) for one in chosen.columns or ())
    wanted = names_of(declared)
    for name in names:
        if name and name not in wanted:
            node = next((one for one in statement.tree.selects if one.output_name.lower() == name), statement.tree)
            where = f"{step}.schema" if chosen.columns or is_derived(dataset.spec) else f"schema (or in {step}.schema)"
            yield statement.finding(node, f"{name!r} is not declared in {where}.", nearest(name, wanted))
    for number, name in enumerate(wanted):
        if name not in names:
            hint = nearest(name, [one for one in names if one])
            place: Location = (*location, number) if exact else location
            yield dataset.document.finding(place, f"{name!r} is not a column that {statement.text.path} gives.", hint)


def _replacing(text: Text, dataset: Loaded[DatasetSpec], findings: list[Finding]) -> str:
    """Over all of `staged`; keeps provenance where every row still comes from one row."""
    spec = dataset.spec
    before = names_of(staged_columns(spec))
    try:
        statement = parse_query(text, "spark")
    except BrokenSpecs as broken:
        findings += broken.findings
        return ""
    row_wise = not list(rowwise.problems(statement, "staged", before)) and not list(projection.star_problems(statement))
    if row_wise:
        return _row_wise(text, "spark", "staged", staged_columns(spec), table_columns(spec), dataset, "table", findings)
    inputs = {"staged": before + projection.HEAVY_PROVENANCE}
    return _whole_set(statement, inputs, dataset, findings)


def _derived(text: Text, lake: Lake, dataset: Loaded[DatasetSpec], findings: list[Finding]) -> str:
    source = dataset.spec.source
    assert source.kind == "tables"
    inputs: dict[str, tuple[str, ...] | None] = {
        name: readable_columns(lake.datasets[name].spec) if name in lake.datasets else None for name in source.inputs
    }
    try:
        statement = parse_query(text, "spark")
    except BrokenSpecs as broken:
        findings += broken.findings
        return ""
    read = relation.read_tables(statement, inputs)
    for number, name in enumerate(source.inputs):
        if name not in read:
            location = ("source", "from", number)
            findings.append(
                dataset.document.finding(location, f"{name!r} is not read by {text.path}.", "Remove it, or read it.")
            )
    return _whole_set(statement, inputs, dataset, findings)


def _whole_set(
    statement: Statement, inputs: relation.Inputs, dataset: Loaded[DatasetSpec], findings: list[Finding]
) -> str:
    found = list(relation.problems(statement, inputs))
    names = [name.lower() for name in statement.tree.named_selects]
    if "*" not in names:
        found += _differences(statement, names, table_columns(dataset.spec), dataset, "table")
    findings += found
    return "" if found else relation.rewritten(statement, inputs)
