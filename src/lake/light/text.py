"""Whatever the bytes of an object are, plain UTF-8 text of it on local disk."""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Sequence
from pathlib import Path

from lake.core.errors import Rejected
from lake.light.dialect import Dialect
from lake.light.packing import unpacked

CHUNK = 1 << 20
FOREIGN = {
    b"PAR1": "Parquet",
    b"PK\x03\x04": "a zip archive in another pack",
    b"\xd0\xcf\x11\xe0": "an old Office document",
    b"Obj\x01": "Avro",
    b"ORC": "ORC",
    b"%PDF": "PDF",
}
UTF32_BE = codecs.BOM_UTF32_BE
BOMS = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


def plain_text(path: Path, dialect: Dialect, scratch: Path) -> Path:
    """The object's own file if it is plain UTF-8 already, else a copy of its text in `scratch`.

    Members of a zip follow each other as one text. Raises Rejected: CORRUPT, RATIO, ENCODING, TOO_LARGE, HEADER.
    """
    files = unpacked(path, scratch, dialect.max_ratio)
    texts = [utf8_text(file, dialect.codec, scratch / f"decoded-{n:05}") for n, file in enumerate(files)]
    if not texts:
        raise Rejected("CORRUPT", "the zip archive holds no file")
    return texts[0] if len(texts) == 1 else _joined(texts, dialect, scratch / "joined")


def utf8_text(path: Path, codec: str, copy: Path) -> Path:
    """A file that is not packed as UTF-8 text: itself if it is that, else a copy. Raises Rejected."""
    with path.open("rb") as file:
        first = file.read(8)
    for magic, name in FOREIGN.items():
        if first.startswith(magic) and (len(first) > len(magic) or magic != b"ORC"):
            raise Rejected("CORRUPT", f"the object is {name}, not text; declare its format or drop text")
    if codec not in ("utf-8", "utf-8-sig", "ascii"):
        _check_mark(first, codec)
        return _written(copy, _decoded(path, codec))
    for mark, name in BOMS.items():
        if first.startswith(mark):
            raise Rejected(
                "ENCODING", f"the text at byte 0 is {name}, not UTF-8; declare `options: {{encoding: {name}}}`"
            )
    return path


def _check_mark(first: bytes, codec: str) -> None:
    """A byte order mark must be there where it decides, and must not contradict what is declared."""
    if not first:
        return
    if codec in ("utf-16", "utf-32") and not first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, UTF32_BE)):
        said = f"the text has no byte order mark; declare `options: {{encoding: {codec}-le}}` or {codec}-be"
        raise Rejected("ENCODING", said)
    if first.startswith(codecs.BOM_UTF8):
        said = f"the text at byte 0 has the mark of UTF-8, not {codec}; take encoding out of options"
        raise Rejected("ENCODING", said)


def _joined(texts: Sequence[Path], dialect: Dialect, path: Path) -> Path:
    """The texts one after the other, with the lines up to the header once. Raises Rejected(HEADER) if they differ."""
    lines = dialect.skip + dialect.header
    head: list[bytes] = []
    with path.open("wb") as out:
        for number, text in enumerate(texts):
            with text.open("rb") as file:
                if file.read(3) != codecs.BOM_UTF8:
                    file.seek(0)
                begins = [file.readline() for _ in range(lines)]
                if number == 0:
                    head = begins
                    out.writelines(begins)
                elif [one.rstrip() for one in begins[dialect.skip :]] != [one.rstrip() for one in head[dialect.skip :]]:
                    raise Rejected("HEADER", f"file {number + 1} of the zip archive has another header than the first")
                last = b"\n"
                while chunk := file.read(CHUNK):
                    out.write(chunk)
                    last = chunk[-1:]
                out.write(b"" if last in b"\r\n" else b"\n")
    return path


def _written(path: Path, chunks: Iterator[bytes]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        for chunk in chunks:
            file.write(chunk)
    return path


def _decoded(path: Path, codec: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(codec)()
    offset = 0
    with path.open("rb") as file:
        while True:
            chunk = file.read(CHUNK)
            held = len(decoder.getstate()[0])
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                at = offset - held + error.start
                raise Rejected("ENCODING", f"byte {at} of the text is not {codec}: {error.reason}") from error
            offset += len(chunk)
            yield text.removeprefix("\ufeff").encode() if offset == len(chunk) else text.encode()
            if not chunk:
                return
