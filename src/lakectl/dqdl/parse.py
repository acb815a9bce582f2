"""The parser: one rule, by hand, so that errors can name the place and the next step."""

from __future__ import annotations

from decimal import Decimal
from difflib import get_close_matches

from lakectl.dqdl.expression import Comparison, Expression, Operator, Value
from lakectl.dqdl.token import Token, tokens_of
from lakectl.specs.finding import BrokenSpecs
from lakectl.specs.name import nearest
from lakectl.specs.text import Text

ROW_TYPES = ("IsComplete", "ColumnLength", "ColumnValues")
SET_TYPES = ("RowCount", "Completeness", "IsUnique", "Mean")
TYPES = (*ROW_TYPES, *SET_TYPES)
NOT_JUDGED = (
    "AggregateMatch AllStatistics ColumnCorrelation ColumnCount ColumnDataType ColumnExists ColumnNamesMatchPattern "
    "CustomSql DataFreshness DatasetMatch DetectAnomalies DistinctValuesCount Entropy FileFreshness FileMatch FileSize "
    "FileUniqueness IsPrimaryKey ReferentialIntegrity RowCountMatch SchemaMatch StandardDeviation Sum UniqueValueRatio "
    "Uniqueness"
)

_WITHOUT_COLUMN = ("RowCount",)
_WITHOUT_COMPARISON = ("IsComplete", "IsUnique")
_WORDS = ("between", "in", "matches")
_SIGNS: tuple[Operator, ...] = ("=", "!=", ">", ">=", "<", "<=")


def parse_rule(text: Text) -> Expression:
    """One DQDL rule; raises BrokenSpecs with its place."""
    return _Parser(text).rule()


class _Parser:
    def __init__(self, text: Text) -> None:
        self.text = text
        self.tokens = tokens_of(text)
        self.at = 0

    @property
    def here(self) -> Token:
        return self.tokens[self.at]

    def rule(self) -> Expression:
        kind = self._type()
        column = Token("text", "", 0, 0) if kind in _WITHOUT_COLUMN else self._column(kind)
        comparison = None if kind in _WITHOUT_COMPARISON else self._comparison()
        if kind in _WITHOUT_COMPARISON and self.here.value in _SIGNS:
            raise self._fault(
                f"{kind} is true or false; it is not compared.", "End the rule here, or use Completeness."
            )
        where, threshold = self._tails(kind)
        if self.here.kind != "end":
            raise self._leftover()
        return Expression(
            type=kind,
            column=column.value,
            comparison=comparison,
            where=where.value if where else "",
            threshold=threshold,
            column_start=column.start + 1,
            where_start=where.start + 1 if where else 0,
            where_plain=where.plain if where else True,
        )

    def _type(self) -> str:
        token = self._next()
        if token.value in TYPES:
            return token.value
        if token.kind == "sign" and token.value == "(":
            raise self._fault("combined rules are not judged yet.", "Write one rule for each.", token)
        if token.kind != "word":
            raise self._fault("begins with no rule type.", f"Known: {', '.join(sorted(TYPES))}.", token)
        if token.value in NOT_JUDGED.split():
            raise self._fault(f"{token.value} is not judged yet.", f"Known: {', '.join(sorted(TYPES))}.", token)
        raise self._fault(f"{token.value!r} is not a rule type.", nearest(token.value, TYPES), token)

    def _column(self, kind: str) -> Token:
        token = self._next()
        if token.kind == "text" and token.value:
            if self.here.kind == "text":
                raise self._fault(f"{kind} over several columns is not judged yet.", "Name one column.")
            return token
        hint = f'Write {kind} "{token.value}".' if token.kind == "word" else f'Write {kind} "column".'
        raise self._fault(f"{kind} needs a column in double quotes.", hint, token)

    def _comparison(self) -> Comparison:
        start = self.here.start
        negated = self._taken("not")
        word = self.here.value
        if not negated and self.here.kind == "sign" and word in _SIGNS:
            self._next()
            operator = next(sign for sign in _SIGNS if sign == word)
            return Comparison(operator, (self._value(),), start)
        if self._taken("between"):
            low = self._value()
            self._expect("and")
            return Comparison("not between" if negated else "between", (low, self._value()), start)
        if self._taken("in"):
            return Comparison("not in" if negated else "in", self._list(), start)
        if self._taken("matches"):
            token = self._next()
            if token.kind != "text":
                raise self._fault("matches needs a pattern in double quotes.", "", token)
            return Comparison("not matches" if negated else "matches", (token.value,), start)
        close = get_close_matches(word, _WORDS, n=1)
        guess = f"Did you mean {close[0]!r}? " if close else ""
        known = "=, !=, >, >=, <, <=, between, in, matches, or not with one of the last three"
        said = f"{word!r} is not a comparison." if self.here.kind == "word" else "a comparison is missing here."
        raise self._fault(said, f"{guess}Known: {known}.")

    def _value(self) -> Value:
        token = self._next()
        if token.kind == "number":
            return Decimal(token.value)
        if token.kind == "text":
            return token.value
        if token.value in ("NULL", "EMPTY", "WHITESPACES_ONLY"):
            raise self._fault(
                f"the keyword {token.value} is not judged yet.", "Use IsComplete, ColumnLength or where.", token
            )
        if token.value in ("now", "("):
            raise self._fault("values that change with time are not judged yet.", "Write the value.", token)
        raise self._fault("a value is missing here.", 'Write a number, or a text in double quotes: 12 or "12".', token)

    def _list(self) -> tuple[Value, ...]:
        self._expect("[")
        values = [self._value()]
        while self._taken(","):
            values.append(self._value())
        self._expect("]")
        return tuple(values)

    def _tails(self, kind: str) -> tuple[Token | None, Comparison | None]:
        """`where "…"` and `with threshold …`, in any order, each at most once."""
        where: Token | None = None
        threshold: Comparison | None = None
        while True:
            if where is None and self._taken("where"):
                where = self._next()
                if where.kind != "text" or not where.value.strip():
                    raise self._fault("where needs a condition in double quotes.", 'Write where "x > 0".', where)
            elif threshold is None and self.here.value == "with":
                threshold = self._threshold(kind)
            else:
                return where, threshold

    def _threshold(self, kind: str) -> Comparison:
        start = self._next()
        self._expect("threshold")
        if kind not in ROW_TYPES:
            raise self._fault(f"{kind} has no threshold.", "A threshold is a share of rows that pass.", start)
        comparison = self._comparison()
        if comparison.operator not in (*_SIGNS, "between", "not between"):
            raise self._fault("a threshold is compared with numbers.", "Write with threshold > 0.95.", start)
        return comparison

    def _leftover(self) -> BrokenSpecs:
        token = self.here
        if token.value in ("and", "or", ")"):
            return self._fault("combined rules are not judged yet.", "Write one rule for each.")
        words = ("where", "with threshold")
        return self._fault(f"{token.value!r} is not understood here.", nearest(token.value, words))

    def _next(self) -> Token:
        token = self.here
        self.at = min(self.at + 1, len(self.tokens) - 1)
        return token

    def _taken(self, value: str) -> bool:
        if self.here.value == value and self.here.kind in ("word", "sign"):
            self.at += 1
            return True
        return False

    def _expect(self, value: str) -> None:
        if not self._taken(value):
            raise self._fault(f"{value!r} is missing here.")

    def _fault(self, message: str, hint: str = "", token: Token | None = None) -> BrokenSpecs:
        start = (token or self.here).start
        return BrokenSpecs.of(self.text.finding(start, message, hint))
