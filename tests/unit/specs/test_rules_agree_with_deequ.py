"""One rule, one meaning: Deequ, Spark SQL and DuckDB give the same verdict on the same rows."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import duckdb
import pytest

from lakectl.dqdl.measure import measure
from lakectl.dqdl.parse import parse_rule
from lakectl.dqdl.predicate import predicate
from lakectl.resolve.rule import compiled_rule
from lakectl.specs.column import ColumnSpec
from lakectl.specs.dataset import RuleSpec
from lakectl.specs.text import Text

ROOT = Path(__file__).parents[3]
SPARK = ROOT / ".lake/envs/spark"

KINDS = {"id": "int", "n": "int", "b": "bigint", "f": "double", "m": "decimal(10,2)", "s": "string", "t": "string"}
KINDS |= {"d": "date", "ts": "timestamp", "g": "string", "e": "string"}

ROWS: list[dict[str, Any]] = [
    {"id": 1, "n": 5, "b": 1, "f": "1.5", "m": "1.50", "s": "abc", "t": "x", "d": "2013-01-01", "g": "a"},
    {"id": 2, "n": 10, "b": 2, "f": "2.0", "m": "2.50", "s": "", "t": "it's", "d": "2013-06-01", "g": "b"},
    {"id": 3},
    {"id": 4, "n": 20, "b": 9007199254740993, "f": "nan", "m": "20.00", "s": "abcabc", "t": "a\\b", "g": "a"},
    {"id": 5, "n": 15, "f": "-0.0", "m": "10.00", "s": "line\n", "t": "ü€", "d": "2012-12-31", "g": "c"},
    {"id": 6, "n": -3, "b": 5, "s": "12", "t": 'say "hi"', "d": "2014-01-01", "ts": "2014-01-01 05:00:00"},
]
for _row in ROWS:
    _row.update({name: _row.get(name) for name in KINDS})
ROWS[0]["ts"] = "2013-01-01 00:00:00"

NUMERIC = ["> 4", ">= 5", "< 20", "<= 20", "= 5", "!= 5", "!= 7", "between 4 and 21", "between 5 and 20"]
NUMERIC += [
    "not between 100 and 200",
    "not between 5 and 10",
    "in [5, 10, 15, 20, -3]",
    "not in [5]",
    "not in [7]",
    "> -3.5",
]
STRINGS = ['= "abc"', '!= "abc"', '!= "zzz"', 'in ["abc", ""]', 'not in ["abc"]', 'not in ["zzz"]', 'matches "abc"']
STRINGS += [r'matches "[a-z]*"', r'matches "\d+"', 'matches "a.*"', 'matches "(abc|line)"', 'not matches "abc"']
STRINGS += ['not matches "zzz"', 'matches "line"']
DATES = ['> "2013-01-01"', '>= "2012-12-31"', '< "2020-01-01"', '= "2013-01-01"', '!= "2013-01-01"', '!= "1999-01-01"']
DATES += ['between "2012-12-30" and "2014-01-02"', 'in ["2013-01-01", "2013-06-01"]', 'not in ["1999-01-01"]']
LENGTHS = [
    "= 3",
    "> 2",
    ">= 0",
    "< 7",
    "!= 3",
    "between -1 and 7",
    "between 0 and 6",
    "in [0, 2, 3, 5, 6]",
    "not in [2]",
]
LENGTHS += ["not between 10 and 20", "not between 1 and 4", "!= 99"]


def rules() -> list[str]:
    found = [f'ColumnValues "{name}" {test}' for name in ("n", "b", "f", "m") for test in NUMERIC]
    found += [f'ColumnValues "n" {test} where "n is not null"' for test in NUMERIC]
    found += [f'ColumnValues "s" {test}' for test in STRINGS]
    found += [f'ColumnValues "s" {test} where "length(s) > 2"' for test in STRINGS]
    found += [f'ColumnValues "{name}" {test}' for name in ("d", "ts") for test in DATES]
    found += [f'ColumnValues "d" {test} where "d is not null"' for test in DATES]
    found += [f'ColumnLength "s" {test}{tail}' for test in LENGTHS for tail in ("", ' where "id < 5"')]
    found += [f'IsComplete "{name}"{tail}' for name in KINDS for tail in ("", ' where "id <> 3"', ' where "id > 99"')]
    found += [f'ColumnValues "t" {test}' for test in ('= "it\'s"', '!= "it\'s"', r'in ["a\b"]', r'in ["say \"hi\""]')]
    found += [f'IsUnique "{name}"{tail}' for name in ("id", "n", "g", "e") for tail in ("", ' where "id < 4"')]
    found += [r"""IsComplete "n" where "t like 'say \"hi\"'" """, r'''ColumnValues "t" matches "say \"hi\""''']
    numbers = ["> 0.5", ">= 0.8333", "< 0.9", "= 1", "!= 1", "between 0.5 and 1", "not between 0.5 and 0.9"]
    found += [f'Completeness "{name}" {test}' for name in ("id", "n", "d") for test in numbers]
    found += [f'Completeness "n" {test} where "id > 2"' for test in numbers]
    means = ["> 4", "= 9.4", "< 100", "!= 0", "between 9 and 10", "not between 9 and 10"]
    found += [f'Mean "{name}" {test}' for name in ("n", "m", "f") for test in means]
    found += [f'Mean "n" {test} where "id > 99"' for test in means]
    counts = [
        "> 5",
        "= 6",
        "!= 6",
        "between 5 and 7",
        "between 6 and 8",
        "in [6, 7]",
        "not in [6]",
        "not between 1 and 3",
    ]
    found += [f"RowCount {test}{tail}" for test in counts for tail in ("", ' where "id > 2"')]
    return found


@pytest.fixture(scope="module")
def judged() -> list[dict[str, Any]]:
    """Each rule with what all three engines say of it."""
    columns = tuple(ColumnSpec(name=name, type=kind) for name, kind in KINDS.items())
    asked = []
    for dqdl in rules():
        expression = parse_rule(Text("rule", dqdl))
        entry = RuleSpec(zone="analytics", rule=dqdl)
        rule = compiled_rule(entry, expression, columns)
        kind = KINDS.get(expression.column, "")
        by_row = rule.kind == "row"
        asked.append(
            {
                "dqdl": dqdl,
                "engine": rule.engine,
                "predicate": rule.predicate,
                "duckdb": predicate(expression, kind, "duckdb") if by_row else "",
                "spark_measure": "count(*) >= 0" if by_row else measure(expression, kind, "spark"),
                "duckdb_measure": "count(*) >= 0" if by_row else measure(expression, kind, "duckdb"),
            }
        )
    said = json.loads(_in_spark(asked))
    return [rule | answer | _in_duckdb(rule) for rule, answer in zip(asked, said, strict=True)]


def _in_spark(asked: list[dict[str, str]]) -> str:
    kinds = {name: "timestamp_ntz" if kind == "timestamp" else kind for name, kind in KINDS.items()}
    question = {"jars": str(ROOT / ".lake/jars/*"), "columns": kinds, "rows": ROWS, "rules": asked}
    script = Path(__file__).with_name("judge_with_deequ.py")
    done = subprocess.run(
        [str(SPARK / "bin/python"), str(script)],
        input=json.dumps(question),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env={
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "PYTHONPATH": str(ROOT / ".lake/glue"),
            "SPARK_LOCAL_IP": "127.0.0.1",
        },
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return done.stdout.splitlines()[-1]


def _in_duckdb(rule: dict[str, str]) -> dict[str, Any]:
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE t ({', '.join(f'{name} {kind}' for name, kind in KINDS.items())})")
        marks = ", ".join("?" for _ in KINDS)
        connection.executemany(f"INSERT INTO t VALUES ({marks})", [[row[name] for name in KINDS] for row in ROWS])
        wrong = f"count(*) FILTER (NOT ({rule['duckdb']})), count(*) FILTER (({rule['duckdb']}) IS NULL)"
        ((broken, nulls),) = connection.execute(
            f"SELECT {wrong if rule['duckdb'] else 'sum(0), sum(0)'} FROM t"
        ).fetchall()
        ((measured,),) = connection.execute(f"SELECT {rule['duckdb_measure']} FROM t").fetchall()
    return {"duckdb_broken": broken, "duckdb_nulls": nulls, "duckdb_measured": measured}


@pytest.mark.slow
def test_deequ_and_the_predicate_agree_on_every_row_rule(judged: list[dict[str, Any]]) -> None:
    heard = [one for one in judged if one["predicate"] and one["engine"] == "deequ"]
    wrong = [one for one in heard if (one["outcome"] == "Passed") != (one["broken"] == 0) and not _of_nothing(one)]
    assert len(heard) > 100
    assert wrong == []


@pytest.mark.slow
def test_deequ_and_the_measure_agree_on_every_set_rule(judged: list[dict[str, Any]]) -> None:
    heard = [one for one in judged if not one["predicate"] and one["engine"] == "deequ"]
    wrong = [one for one in heard if (one["outcome"] == "Passed") != one["measured"] and not _of_nothing(one)]
    assert len(heard) > 50
    assert wrong == []


@pytest.mark.slow
def test_spark_and_duckdb_count_the_same_broken_rows(judged: list[dict[str, Any]]) -> None:
    rows = [one for one in judged if one["predicate"]]
    assert [one for one in rows if one["broken"] != one["duckdb_broken"]] == []
    assert [one for one in judged if one["measured"] != one["duckdb_measured"]] == []


@pytest.mark.slow
def test_a_predicate_is_never_null(judged: list[dict[str, Any]]) -> None:
    assert [one for one in judged if one["predicate"] and (one["nulls"] or one["duckdb_nulls"])] == []


def _of_nothing(answer: dict[str, Any]) -> bool:
    """Deequ calls a rule failed that had no value to judge; the heavy engine knows that."""
    return "Empty state" in str(answer.get("reason"))
