"""One SELECT of a user, parsed by sqlglot; the text stays as it was written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, TokenError
from sqlglot.tokens import Token, TokenType

from lakectl.specs.finding import BrokenSpecs, Finding
from lakectl.specs.text import Text

Dialect = str
"""`duckdb` in stage, `spark` in analytics."""

_GO_ON = (TokenType.EQ, TokenType.DOT, TokenType.L_PAREN)
"""What follows a name that begins a condition."""


@dataclass(frozen=True)
class Statement:
    """A parsed query. `text` ends without a semicolon."""

    text: Text
    dialect: Dialect
    tree: exp.Query
    tokens: tuple[Token, ...]

    @property
    def sql(self) -> str:
        return self.text.sql

    def finding(self, node: exp.Expression | None, message: str, hint: str = "") -> Finding:
        return self.text.finding(offset_of(node), message, hint)


def parse_query(text: Text, dialect: Dialect) -> Statement:
    """Parse one SELECT; raises BrokenSpecs with its own line and column."""
    trees, tokens = _parsed(text, dialect)
    kept = [token for token in tokens if token.token_type != TokenType.SEMICOLON]
    trees = [tree for tree in trees if tree is not None and not isinstance(tree, exp.Semicolon)]
    if len(trees) != 1:
        message = "is empty." if not trees else f"holds {len(trees)} statements."
        raise BrokenSpecs.of(text.finding(0, message, "Write one SELECT."))
    tree = trees[0]
    if not isinstance(tree, exp.Query):
        raise BrokenSpecs.of(
            text.finding(kept[0].start, f"{kept[0].text.upper()} is not a SELECT.", "A transform is one SELECT.")
        )
    return Statement(replace(text, sql=text.sql[: kept[-1].end + 1]), dialect, tree, tuple(kept))


def parse_condition(text: Text, dialect: Dialect) -> exp.Expression:
    """Parse one condition on a row; raises BrokenSpecs."""
    trees, tokens = _parsed(text, dialect)
    if any(token.comments for token in tokens):
        raise BrokenSpecs.of(text.finding(0, "holds a comment.", "Write the comment beside it."))
    if len(trees) != 1 or trees[0] is None:
        raise BrokenSpecs.of(text.finding(0, "is not one condition.", "Write a condition on a row."))
    tree: exp.Expression = trees[0]
    if isinstance(tree, exp.Alias):
        raise BrokenSpecs.of(text.finding(0, "is not a condition.", "Write a condition on a row."))
    return tree


def _parsed(text: Text, dialect: Dialect) -> tuple[list[Any], list[Token]]:
    try:
        tokens = sqlglot.tokenize(text.sql, read=dialect)
        parser = sqlglot.Dialect.get_or_raise(dialect).parser()
        return parser.parse(tokens, text.sql), tokens
    except TokenError as error:
        raise BrokenSpecs.of(
            text.finding(0, "a quote or a comment is opened and never closed.", "Close it.")
        ) from error
    except ParseError as error:
        raise BrokenSpecs.of(_misspelt_start(text, tokens) or _parse_finding(text, error)) from error


def _misspelt_start(text: Text, tokens: list[Token]) -> Finding | None:
    """sqlglot stumbles only some words after a misspelt SELECT or WITH, and speaks of other things."""
    if len(tokens) < 2 or tokens[0].token_type != TokenType.VAR or tokens[1].token_type in _GO_ON:
        return None
    close = get_close_matches(tokens[0].text.upper(), ("SELECT", "WITH"), n=1, cutoff=0.7)
    message = f"not SQL: {tokens[0].text!r} is no word to begin with."
    return text.finding(tokens[0].start, message, f"Did you mean {close[0]!r}?") if close else None


def _parse_finding(text: Text, error: ParseError) -> Finding:
    """sqlglot tells where the token ends that it stumbled over, and shows it."""
    if not error.errors:
        return text.finding(0, "is not SQL.")
    first = error.errors[0]
    shown = str(first.get("highlight") or "")
    ends = _offset(text.sql, int(first.get("line") or 1), int(first.get("col") or 1))
    near = f" near {shown!r}" if shown else ""
    description = str(first.get("description") or "is not SQL").rstrip(".")
    if "<class" in description:
        description = "something is missing here"
    return text.finding(max(0, ends - len(shown)), f"not SQL{near}: {description}.")


def _offset(sql: str, line: int, column: int) -> int:
    starts = [0] + [at + 1 for at, character in enumerate(sql) if character == "\n"]
    return min(starts[min(line, len(starts)) - 1] + column, len(sql))


def offset_of(node: exp.Expression | None) -> int:
    """Where an expression starts in its text: the first of its parts that knows."""
    if node is None:
        return 0
    return min((one.meta["start"] for one in node.walk() if "start" in one.meta), default=0)


def outer_tokens(statement: Statement) -> Iterator[tuple[int, Token]]:
    """The tokens that stand outside of all parentheses, with their index."""
    depth = 0
    for index, token in enumerate(statement.tokens):
        if token.token_type == TokenType.L_PAREN:
            depth += 1
        elif token.token_type == TokenType.R_PAREN:
            depth -= 1
        elif depth == 0:
            yield index, token
