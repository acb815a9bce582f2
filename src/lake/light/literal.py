"""A literal of JSON that is no string, as it stands in a line, under a declared type: the spellings that are plain."""

from __future__ import annotations

from lake.core.contract import Column
from lake.light.cell import WHOLE_IN, Reading
from lake.light.sql import quoted, sql_type, text

NUMBER = r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?"
"""RFC 8259, section 6."""
ZEROS = ("0", "0.0", "-0.0")
"""What else is zero as a double may have been too small for one."""


def literal_reading(column: Column, raw: str, cast: str) -> Reading:
    """`raw` names the literal, `cast` the column that will hold Reading.cast.

    What does not fit is not wrong yet: it may be spelled otherwise.
    """
    x, v = quoted(raw), quoted(cast)
    value = f"TRY_CAST({x} AS {sql_type(column.type)})"
    if column.type == "boolean":
        value = f"CASE {x} WHEN 'true' THEN true WHEN 'false' THEN false END"
        plain = f"WHEN {v} IS NOT NULL THEN true"
    elif column.type in WHOLE_IN:
        zeros = ", ".join(map(text, ZEROS))
        whole = f"abs({v}) < {WHOLE_IN[column.type]} AND ({v} <> 0 OR {x} IN ({zeros}))"
        plain = f"WHEN regexp_full_match({x}, {text(NUMBER)}) THEN {whole}"
    elif column.type.startswith("decimal"):
        # zeros at the end of what DuckDB writes may be left out, the digits before the point may not
        plain = f"WHEN starts_with({v}::VARCHAR, {x}) THEN NOT suffix({x}, '.')"
    else:
        plain = f"WHEN {v}::VARCHAR = {x} THEN true"
    null = f"{x} = 'null'" if column.nullable else "false"
    return Reading(value, v, f"(CASE {plain} ELSE {null} END)")
