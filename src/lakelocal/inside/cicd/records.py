"""Documents that outlive the host: one file each, written before the answer that tells of them."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

Document = dict[str, Any]


class Records:
    """A kind of document by its key; what `put` returned from is still there after a SIGKILL."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.RLock()
        folder.mkdir(parents=True, exist_ok=True)
        self._documents: dict[str, Document] = {}
        for file in sorted(folder.glob("*.json")):
            kept = json.loads(file.read_text())
            self._documents[kept["key"]] = kept["document"]

    def get(self, key: str) -> Document | None:
        return self._documents.get(key)

    def put(self, key: str, document: Document) -> None:
        """Keep this document; the very object is what `get` gives from now on."""
        with self._lock:
            self._documents[key] = document
            partial = self._file(key, "partial")
            partial.write_text(json.dumps({"key": key, "document": document}))
            partial.replace(self._file(key, "json"))

    def forget(self, key: str) -> Document | None:
        with self._lock:
            self._file(key, "json").unlink(missing_ok=True)
            return self._documents.pop(key, None)

    def __iter__(self) -> Iterator[tuple[str, Document]]:
        return iter(list(self._documents.items()))

    def values(self) -> list[Document]:
        return list(self._documents.values())

    def _file(self, key: str, suffix: str) -> Path:
        return self._folder / f"{quote(key, safe='')}.{suffix}"
