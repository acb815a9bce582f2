"""Which dataset claims a key."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase


@dataclass(frozen=True, slots=True)
class Claim:
    """A dataset's right to all keys under a prefix, with what route needs to hand them on.

    `config` is the digest of the dataset's current version: a batch keeps the one that it was made with.
    """

    prefix: str
    team: str
    dataset: str
    config: str
    queue_url: str
    ignore: tuple[str, ...] = ()
    batch_objects: int = 100
    batch_bytes: int = 256 * 1024 * 1024

    @property
    def path(self) -> str:
        return f"{self.team}/{self.dataset}"

    def ignores(self, key: str, size: int) -> bool:
        """A folder marker that consoles make, or a key that the dataset's own filter names."""
        if key.endswith("/") and size == 0:
            return True
        rest = key.removeprefix(self.prefix)
        return any(fnmatchcase(rest, pattern) for pattern in self.ignore)


def claim_for(key: str, claims: Iterable[Claim]) -> Claim | None:
    """The claim with the longest prefix of this key, if any."""
    matching = (claim for claim in claims if key.startswith(claim.prefix))
    return max(matching, key=lambda claim: len(claim.prefix), default=None)
