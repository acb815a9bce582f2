"""What can go wrong, arranged by what happens next.

LakeError
├── SpecError   fix your file, then deploy again
├── Rejected    set the object aside with a reason; never retried
└── TryAgain    the message stays on its queue and comes back

Anything else is a bug. It may fail a whole batch, which is harmless, because running twice is harmless.
"""


class LakeError(Exception):
    """Everything that the lake says on purpose."""


class SpecError(LakeError):
    """A declaration is wrong; the message names the file, the value and the next step."""


class Rejected(LakeError):
    """An object cannot be read, or breaks its contract as a whole.

    `reason` is one of the short names that `lake trace` and alarms show (CORRUPT, ENCODING, HEADER, SCHEMA, …);
    the message says what was found and where.
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class TryAgain(LakeError):
    """Something outside is not ready; the same call may succeed later."""
