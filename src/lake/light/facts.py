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
OVERLAP = 64


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
        self._overlap = OVERLAP + max((len(word.encode()) for word in dialect.null_values), default=0)
        self._before = b"\n"

    def take(self, chunk: bytes) -> None:
        facts = self.facts
        facts.nul = facts.nul or b"\0" in chunk
        facts.returns = facts.returns or b"\r" in chunk
        if not self._quote or (self._quote not in chunk and self._quote not in self._before):
            self._before = chunk[-self._overlap :]
            return
        text = self._before + chunk
        facts.spaced = facts.spaced or self._spaced.search(text) is not None
        facts.worded = facts.worded or self._worded.search(text) is not None
        self._before = text[-self._overlap :]


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
    delimiter = dialect.delimiter.encode()
    ends = [delimiter + word.encode() + end for word in dialect.null_values for end in (b"\n", b"\r")]
    before = b""
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            text = before + chunk
            if any(end in text for end in ends):
                return True
            before = text[-max(map(len, ends)) :]
    return any((before + b"\n").endswith(end) for end in ends)


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
