"""docs/athena.md, made from the tables that tests hold the local Athena to: `python -m local.athena_doc` in tests/."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from local.athena_examples import AGGREGATES, FUNCTIONS, OPERATORS, WINDOWS, Answer, Examples, Fails
from local.conftest import ROOT

PAGE = ROOT / "docs" / "athena.md"
HEAD = """# Athena on the laptop

The local Athena reads Trino's SQL with sqlglot, runs it in DuckDB, and finds tables in the Glue catalog through
pyiceberg, with the permissions of whoever asks. What it cannot do as Athena does, it refuses by name.

This page is made from the tables that the tests check: `tests/local/athena_doc.py`.

## Statements

| statement | here | tested in |
|---|---|---|
"""
STATEMENTS = (
    ("SELECT, WITH, VALUES", "over Iceberg and Parquet tables, and over views", "queries"),
    ("FOR TIMESTAMP, FOR VERSION AS OF", "a literal, a snapshot, a branch or a tag", "queries"),
    ('`"t$snapshots"`, `$history`, `$files`, `$manifests`, `$partitions`, `$refs`', "of Iceberg tables", "queries"),
    ("information_schema", "schemata, tables, views, columns", "writes"),
    ("CREATE, REPLACE, DROP VIEW; SHOW VIEWS, CREATE VIEW", "kept in Glue in Athena's own form", "views"),
    ("CREATE TABLE, ALTER TABLE, DROP TABLE", "Iceberg; EXTERNAL over Parquet", "tables"),
    ("CREATE TABLE AS", "Parquet, or Iceberg", "writes"),
    ("INSERT INTO", "Iceberg and Parquet; a statement is one snapshot", "writes"),
    ("DELETE, UPDATE, MERGE", "Iceberg; data files are replaced, where AWS adds delete files", "writes"),
    ("UNLOAD", "as Parquet", "writes"),
    ("OPTIMIZE … REWRITE DATA USING BIN_PACK", "Iceberg, by the optimize_ properties", "writes"),
    ("VACUUM", "Iceberg, by the vacuum_ properties", "writes"),
    ("PREPARE, EXECUTE, DEALLOCATE PREPARE", "and the API, and ExecutionParameters", "writes"),
    ("MSCK REPAIR TABLE, ALTER TABLE ADD PARTITION", "of Parquet tables", "writes"),
    ("partition projection", "enum, integer, date, injected; of Parquet tables", "writes"),
    ("SHOW, DESCRIBE", "databases, tables, columns, partitions, properties", "tables"),
    ("CREATE, DROP DATABASE", "", "tables"),
)


def page(told: Mapping[str, Any]) -> str:
    """The page. `told` is what athena_calls.py says."""
    rows = [f"| {what} | {how} | `tests/local/test_athena_{where}.py` |" for what, how, where in STATEMENTS]
    rows += [
        f"| {name} | refused. {instead} | `tests/local/test_athena_queries.py` |".replace(". |", " |")
        for name, instead in told["statements"].items()
    ]
    return "\n".join(
        [
            HEAD + "\n".join(rows),
            "",
            "Other formats than Parquet, other catalogs than AwsDataCatalog and federated queries are refused.",
            "",
            "## Operators",
            "",
            *_table(OPERATORS),
            "## Functions",
            "",
            *_table(FUNCTIONS),
            "## Aggregates",
            "",
            "Over the rows `(1, 'a', 1.50, true), (2, 'b', 2.25, false), (3, 'a', NULL, true)` as `n, k, d, b`.",
            "",
            *_table(AGGREGATES),
            "## Window functions",
            "",
            "Over the same rows, an answer for each.",
            "",
            *_table(WINDOWS),
            "## Refused by name",
            "",
            "These functions of Trino fail with `NOT_SUPPORTED`, as does a known one with another number of arguments:",
            "",
            ", ".join(f"`{name}`" for name in told["refused"]) + ".",
            "",
        ]
    )


def _table(examples: Examples) -> Iterable[str]:
    yield "| | asked | answer |"
    yield "|---|---|---|"
    for name, texts in examples.items():
        for number, (text, answer) in enumerate(texts.items()):
            yield f"| {name if number == 0 else ''} | `{_cell(text)}` | {_answer(answer)} |"
    yield ""


def _answer(answer: Answer) -> str:
    if isinstance(answer, Fails):
        return f"fails: {answer.reason}"
    return "NULL" if answer is None else f"`{_cell(answer)}`" if answer else "an empty text"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    from local.test_athena_functions import in_cloud

    PAGE.write_text(page(in_cloud("athena_calls.py", {})))
