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
        self._dialect = dialect
        self._overlap = OVERLAP + max((len(word.encode()) for word in dialect.null_values), default=0)
        self._before = b"\n"

    def take(self, chunk: bytes) -> None:
        facts = self.facts
        facts.nul = facts.nul or b"\0" in chunk
        facts.returns = facts.returns or b"\r" in chunk
        if self._quote and (self._quote in chunk or self._quote in self._before):
            self._look(self._before + chunk[: self._overlap])
            self._look(chunk)
        self._before = (self._before + chunk[-self._overlap :])[-self._overlap :]

    def _look(self, text: bytes) -> None:
        """Mark what stands in the text; what its last byte may only begin is seen with the next chunk."""
        pattern = _pattern(self._dialect, self.facts.spaced, self.facts.worded)
        found = pattern.search(text) if pattern else None
        if found and found.lastgroup and found.end() < len(text):
            setattr(self.facts, found.lastgroup, True)
            self._look(text)


def occurrences(text: bytes, byte: bytes) -> int:
    """How often the byte is there. `bytes.count` looks at each byte in turn; `replace` jumps from one to the next."""
    return len(text) - len(text.replace(byte, b""))


@lru_cache(maxsize=16)
def _pattern(dialect: Dialect, spaced_is_known: bool, worded_is_known: bool) -> re.Pattern[bytes] | None:
    """Finds the facts that are not known yet, in groups of their names.

    It begins with the quote itself, which is what makes the search fast. Two quotes behind a space and then text are
    not `spaced`: DuckDB reads an escaped quote exactly, or fails.
    """
    quote, delimiter = re.escape(dialect.quote.encode()), re.escape(dialect.delimiter.encode())
    edge = rb"[\r\n" + delimiter + rb"]"
    near = rb"[\r\n " + delimiter + rb"]"
    other = rb"[^\r\n " + delimiter + rb"]"
    leads = rb"(?<=" + near + rb" " + quote + rb")(?!" + quote + other + rb")"
    spaced = rb"(?P<spaced>" + leads + rb"| +" + edge + rb")"
    words = b"|".join(re.escape(word.encode()) for word in dialect.null_values)
    worded = rb"(?P<worded>(?<=" + edge + quote + rb")(?:" + words + rb")" + quote + rb"(?!" + quote + rb"))"
    wanted = [] if spaced_is_known else [spaced]
    wanted += [worded] if dialect.null_values and not worded_is_known else []
    return re.compile(quote + rb"(?:" + b"|".join(wanted) + rb")") if wanted else None


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
