"""What a developer service answers when it refuses: AWS's own code, and words that say what to do."""

from __future__ import annotations


class Refused(Exception):
    """A call that is answered with an error of this code."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code, self.message = code, message
