"""What the engine will not do, as Docker's API says it: a status and a message."""

from __future__ import annotations


class Refused(Exception):
    """Becomes the answer `{"message": …}` with this HTTP status; SAM shows the message."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
