"""Functions that a transform or a rule may not call, and why."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlglot import exp

from lakectl.specs.finding import Finding
from lakectl.specs.text import Text
from lakectl.sql.statement import offset_of

PER_ROW = "A transform here works row by row, so that each row keeps its origin."

_CHANGING_TEXT = """
random rand randn uuid gen_random_uuid now today current_date current_time current_timestamp
get_current_timestamp transaction_timestamp current_localtimestamp current_localtime localtime localtimestamp
unix_timestamp nextval setseed monotonically_increasing_id shuffle spark_partition_id input_file_name
"""
_CHANGING = frozenset(_CHANGING_TEXT.split())
_REACHING_TEXT = """
getenv current_setting set_config read_text read_blob read_csv read_csv_auto read_json read_json_auto
read_parquet parquet_scan glob query query_table sniff_csv java_method reflect current_user session_user
current_database
"""
_REACHING = frozenset(_REACHING_TEXT.split())


def function_problems(text: Text, tree: exp.Expression, whole_set: bool = False) -> Iterator[Finding]:
    """Functions that look at other rows, that give another result each time, or that reach outside of the data."""
    for node in tree.walk():
        problem = _function_problem(node, node is tree, whole_set)
        if problem:
            yield text.finding(_call(text.sql, _function_name(node), offset_of(node)), *problem)


def _call(sql: str, name: str, inside: int) -> int:
    """Where a call starts that has something of its own at `inside`; sqlglot keeps the places of names only."""
    calls = [found.start() for found in re.finditer(rf"\b{re.escape(name)}\s*\(", sql, re.IGNORECASE)] if name else []
    before = [start for start in calls if start <= inside]
    return before[-1] if before else calls[0] if calls else inside


def _function_problem(node: exp.Expression, outermost: bool, whole_set: bool) -> tuple[str, str] | None:
    name = _function_name(node)
    if name in _REACHING:
        return f"{name}() is refused.", "A transform sees its rows and nothing else."
    if name in _CHANGING:
        return f"{name}() is refused: it gives another result each time.", "Use _ingested_at for the time of arrival."
    if whole_set:
        return None
    if isinstance(node, exp.AggFunc) and not isinstance(node.parent, exp.Window):
        return f"the aggregate {name or node.key}() is refused.", PER_ROW
    if isinstance(node, exp.Window):
        return "a window function is refused.", PER_ROW
    if isinstance(node, (exp.Explode, exp.Unnest, exp.Lateral)) or name in (
        "explode",
        "unnest",
        "posexplode",
        "inline",
        "stack",
    ):
        return "a function that makes several rows of one is refused.", PER_ROW
    if isinstance(node, exp.Query) and not outermost:
        return "a query inside the query is refused.", PER_ROW
    return None


def _function_name(node: exp.Expression) -> str:
    if isinstance(node, exp.Anonymous):
        return str(node.this).lower()
    if isinstance(node, exp.Func):
        names = [str(name).lower() for name in node.sql_names()]
        return next((name for name in names if name in _CHANGING | _REACHING), str(node.key))
    return ""
