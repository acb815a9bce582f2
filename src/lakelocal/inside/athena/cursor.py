"""Reads a DDL statement word by word; a surprise is refused with its place, as Athena's parser does."""

from __future__ import annotations

import re
from collections.abc import Callable

from lakelocal.inside.athena.failure import InvalidRequest
from lakelocal.inside.athena.word import Word, place, words


class Cursor:
    """A place in the words of one statement."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._tokens = list(words(text))
        if self._tokens and self._tokens[-1].text == ";":
            self._tokens.pop()
        self._at = 0

    @property
    def done(self) -> bool:
        return self._at >= len(self._tokens)

    def looks_at(self, *words: str) -> bool:
        """Whether the next words are these, in any case."""
        following = self._tokens[self._at : self._at + len(words)]
        return [token.text.lower() for token in following if token.kind != "string"] == list(words)

    def take(self, *words: str) -> bool:
        """Step over these words if they come next."""
        if self.looks_at(*words):
            self._at += len(words)
            return True
        return False

    def expect(self, *words: str) -> None:
        if not self.take(*words):
            raise self.mismatch(" ".join(words).upper())

    def name(self) -> str:
        """An identifier, lower-cased as Athena keeps them; raises when there is none."""
        token = self._next("an identifier")
        if token.kind not in ("name", "quoted"):
            self._at -= 1
            raise self.mismatch("an identifier")
        return token.text.lower()

    def dotted(self) -> tuple[str | None, str]:
        """`[catalog.][database.]name`."""
        parts = [self.name()]
        while self.take("."):
            parts.append(self.name())
        if len(parts) == 3 and parts[0] == "awsdatacatalog":
            parts = parts[1:]
        if len(parts) > 2:
            raise self.mismatch("a table of AwsDataCatalog")
        return (parts[0] if len(parts) == 2 else None), parts[-1]

    def string(self) -> str:
        token = self._next("a string")
        if token.kind != "string":
            self._at -= 1
            raise self.mismatch("a string")
        return token.text

    def number(self) -> int:
        token = self._next("a number")
        if token.kind != "number":
            self._at -= 1
            raise self.mismatch("a number")
        return int(token.text)

    def literal(self) -> str:
        """A string, or a bare number or date as written."""
        token = self._next("a literal")
        return token.text

    def skip_all(self) -> None:
        """Somebody else has read the rest."""
        self._at = len(self._tokens)

    def type_text(self) -> str:
        """A type as written, up to the next word that cannot belong to it."""
        first = self._next("a type")
        end, depth = first.end, 0
        while not self.done:
            text = self._tokens[self._at].text
            if depth == 0 and text not in ("(", "<"):
                break
            depth += sum(1 if sign in "(<" else -1 for sign in text if sign in "(<>)")
            end = self._tokens[self._at].end
            self._at += 1
        return " ".join(self.text[first.start : end + 1].split()).lower()

    def rest(self) -> str:
        """What is left, as written."""
        return "" if self.done else self.text[self._tokens[self._at].start : self._tokens[-1].end + 1]

    def rest_in_place(self) -> str:
        """What is left, behind as much white space as stood before it: places in it are places of the statement."""
        if self.done:
            raise self.mismatch("a query")
        found = re.sub(r"[^\n]", " ", self.text[: self._tokens[self._at].start]) + self.rest()
        self.skip_all()
        return found

    def bracket_in_place(self) -> str:
        """What the next bracket holds, at its place."""
        start = self._tokens[self._at].end + 1 if not self.done else 0
        self.expect("(")
        end = self._skip_to(lambda token: token.text == ")")
        self.expect(")")
        return re.sub(r"[^\n]", " ", self.text[:start]) + self.text[start:end]

    def expression(self) -> str:
        """An expression as written: up to the next comma outside of brackets, or the end."""
        start = self._tokens[self._at].start if not self.done else len(self.text)
        end = self._skip_to(lambda token: token.text == ",")
        if not self.text[start:end].strip():
            raise self.mismatch("an expression")
        return self.text[start:end].strip()

    def _skip_to(self, wanted: Callable[[Word], bool]) -> int:
        """Step to the first such word outside of brackets; where what stands before it ends."""
        depth = 0
        while not self.done:
            token = self._tokens[self._at]
            if depth == 0 and token.kind == "sign" and wanted(token):
                return token.start
            depth += ((token.text in "([") - (token.text in ")]")) if token.kind == "sign" else 0
            self._at += 1
        return self._tokens[-1].end + 1

    def holds_at_the_top(self, word: str) -> bool:
        """Whether this word stands ahead, outside of brackets."""
        depth = 0
        for token in self._tokens[self._at :]:
            if token.kind == "sign":
                depth += (token.text in "([<") - (token.text in ")]>")
            elif depth == 0 and token.kind == "name" and token.text.lower() == word:
                return True
        return False

    def drop_end(self, *words: str) -> bool:
        """Forget these words if the statement ends with them."""
        if [token.text.lower() for token in self._tokens[-len(words) :]] != list(words):
            return False
        del self._tokens[-len(words) :]
        return True

    def finish(self) -> None:
        if not self.done:
            raise self.mismatch("<EOF>")

    def mismatch(self, expected: str) -> InvalidRequest:
        token = self._tokens[self._at] if not self.done else None
        start = token.start if token else len(self.text)
        found = token.text if token else "<EOF>"
        return InvalidRequest(
            f"{place(self.text, start)}: mismatched input '{found}'. Expecting: {expected}", "MALFORMED_QUERY"
        )

    def _next(self, expected: str) -> Word:
        if self.done:
            raise self.mismatch(expected)
        self._at += 1
        return self._tokens[self._at - 1]
