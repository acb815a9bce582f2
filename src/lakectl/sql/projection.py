"""The outermost projection of a row-wise SELECT: the names it gives, and provenance added at its end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlglot import exp
from sqlglot.tokens import TokenType

from lake.core.contract import PROVENANCE
from lakectl.specs.finding import Finding
from lakectl.sql.statement import Statement, outer_tokens

LIGHT_PROVENANCE = ("_src_key", "_src_seq", "_src_row")
"""What the light transform must hand on; convert adds the rest."""

HEAVY_PROVENANCE = tuple(column.name for column in PROVENANCE)


def output_names(statement: Statement, columns: Iterable[str]) -> tuple[list[str], list[Finding]]:
    """The names that a row-wise SELECT gives, in order; findings for columns without a name or named twice."""
    names: list[str] = []
    found: list[Finding] = []
    assert isinstance(statement.tree, exp.Select)
    for number, one in enumerate(statement.tree.expressions, start=1):
        new = list(columns) if _is_star(one) else [one.output_name.lower()]
        if new == [""]:
            found.append(statement.finding(one, f"column {number} has no name.", "Add AS and a name."))
            continue
        found += [statement.finding(one, f"{name!r} is given twice.", "Keep one.") for name in new if name in names]
        names += new
    return names, found


def _is_star(node: exp.Expression) -> bool:
    return isinstance(node, exp.Star) or (isinstance(node, exp.Column) and isinstance(node.this, exp.Star))


def star_problems(statement: Statement) -> Iterator[Finding]:
    """`*` alone is understood; with EXCLUDE, EXCEPT, REPLACE or RENAME it is not."""
    assert isinstance(statement.tree, exp.Select)
    for one in statement.tree.expressions:
        star = one.this if isinstance(one, exp.Column) and isinstance(one.this, exp.Star) else one
        if not isinstance(star, exp.Star):
            continue
        if isinstance(one, exp.Column) or any(
            star.args.get(name) for name in ("except_", "except", "replace", "rename")
        ):
            yield statement.finding(statement.tree, "only a plain * is understood.", "Name the columns.")


def completed(statement: Statement, columns: Iterable[str], provenance: Iterable[str]) -> str:
    """The user's words, with a plain `*` written out and provenance added at the end of the projection."""
    star, last = _landmarks(statement)
    sql = statement.sql
    added = ("" if sql[last] == "," else ",") + " " + ", ".join(provenance)
    sql = sql[: last + 1] + added + sql[last + 1 :]
    return sql if star is None else sql[:star] + ", ".join(columns) + sql[star + 1 :]


def _landmarks(statement: Statement) -> tuple[int | None, int]:
    """Where the `*` of `SELECT *` or `, *` stands, if there is one, and where the projection ends."""
    star = None
    for index, token in outer_tokens(statement):
        before = statement.tokens[index - 1]
        if token.token_type == TokenType.FROM:
            return star, int(before.end)
        if token.token_type == TokenType.STAR and before.token_type in (TokenType.SELECT, TokenType.COMMA):
            star = int(token.start)
    raise AssertionError("a row-wise SELECT has a FROM; checked before")
