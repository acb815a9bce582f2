"""What must be known of a file's bytes before DuckDB may read it: where it would change a cell without a word."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from lake.core.errors import Rejected
from lake.light.dialect import Dialect

CHUNK = 1 << 20
OVERLAP = 4096


@dataclass(slots=True)
class Facts:
    """`nul`: a NUL byte. `spaced`: perhaps a space between a quote and its delimiter, which DuckDB would drop.

    `worded`: perhaps a quoted word for null, which must stay text. `returns`: a carriage return anywhere.
    """

    nul: bool = False
    spaced: bool = False
    worded: bool = False
    returns: bool = False


class Examiner:
    """Takes a file's chunks in order and collects the facts."""

    def __init__(self, dialect: Dialect) -> None:
        self.facts = Facts()
        self._quote = dialect.quote.encode()
        self._spaced, self._worded = _patterns(dialect)
        self._near = (self._quote + b" ", b" " + self._quote)
        self._words = tuple(self._quote + word.encode() + self._quote for word in dialect.null_values)
        self._overlap = OVERLAP + max((len(word.encode()) for word in dialect.null_values), default=0)
        self._before = b"\n"

    def take(self, chunk: bytes) -> None:
        facts = self.facts
        facts.nul = facts.nul or b"\0" in chunk
        facts.returns = facts.returns or b"\r" in chunk
        if not self._quote or (self._quote not in chunk and self._quote not in self._before):
            self._before = chunk[-self._overlap :]
            return
        self._look(self._before + chunk[: self._overlap])
        self._look(chunk)
        self._before = (self._before + chunk[-self._overlap :])[-self._overlap :]

    def _look(self, text: bytes) -> None:
        """Mark what stands in the text; what its last byte may only begin is seen with the next chunk.

        The bytes that a pattern needs are looked for first: `in` is ten times as fast.
        """
        facts = self.facts
        if not facts.spaced and any(sign in text for sign in self._near):
            facts.spaced = _stands(self._spaced, text)
        if not facts.worded and any(word in text for word in self._words):
            facts.worded = _stands(self._worded, text)


def _stands(pattern: re.Pattern[bytes], text: bytes) -> bool:
    found = pattern.search(text)
    return found is not None and found.end() < len(text)


@lru_cache(maxsize=8)
def _patterns(dialect: Dialect) -> tuple[re.Pattern[bytes], re.Pattern[bytes]]:
    """Both begin with the quote itself, which is what makes the search fast.

    Two quotes behind a space and then text are none of the first: DuckDB reads an escaped quote exactly, or fails.
    """
    quote, delimiter = re.escape(dialect.quote.encode()), re.escape(dialect.delimiter.encode())
    edge = rb"[\r\n" + delimiter + rb"]"
    near = rb"[\r\n " + delimiter + rb"]"
    other = rb"[^\r\n " + delimiter + rb"]"
    leads = rb"(?<=" + near + rb" " + quote + rb")(?!" + quote + other + rb")"
    spaced = quote + rb"(?:" + leads + rb"| +" + edge + rb")"
    words = b"|".join(re.escape(word.encode()) for word in dialect.null_values) if dialect.null_values else rb"(?!)"
    worded = quote + rb"(?<=" + edge + quote + rb")(?:" + words + rb")" + quote + rb"(?!" + quote + rb")"
    return re.compile(spaced), re.compile(worded)


def ends_with_null(path: Path, dialect: Dialect) -> bool:
    """Whether some line ends with a bare word for null: DuckDB forgives it even where it is one cell too many."""
    bare = [(dialect.delimiter + word).encode() for word in dialect.null_values]
    if not bare:
        return False
    patterns = [_ending(tuple(bare), end) for end in (b"\n", b"\r")]
    before = b""
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            text = before + chunk
            if any(pattern.search(text) for pattern in patterns):
                return True
            before = text[-max(map(len, bare)) - 1 :]
    return any(before.endswith(one) for one in bare)


@lru_cache(maxsize=8)
def _ending(words: tuple[bytes, ...], end: bytes) -> re.Pattern[bytes]:
    """It begins with the line's end, which is rarer than what stands before it."""
    behind = b"|".join(rb"(?<=" + re.escape(word) + end + rb")" for word in words)
    return re.compile(end + rb"(?:" + behind + rb")")


def require_utf8(path: Path) -> None:
    """Raises Rejected(ENCODING) with the offset of the first byte that is NUL or not UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    offset = 0
    with path.open("rb") as file:
        while True:
            chunk = file.read(CHUNK)
            if (nul := chunk.find(b"\0")) >= 0:
                raise Rejected("ENCODING", f"byte {offset + nul} of the text is NUL")
            held = len(decoder.getstate()[0])
            try:
                decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                at = offset - held + error.start
                raise Rejected("ENCODING", f"byte {at} of the text is not UTF-8: {error.reason}") from error
            offset += len(chunk)
            if not chunk:
                return
