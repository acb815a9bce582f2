"""The registry: which dataset claims which keys, and every version of every dataset."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Protocol

from lake.core.claim import Claim
from lake.core.dataset import Dataset, dataset_from_json
from lake.core.errors import SpecError
from lake.gateways.dynamo import Table

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Compiled = Mapping[str, Any]


class UnknownDataset(SpecError):
    """No dataset of this name, or not this version of it, is registered."""


class Registry(Protocol):
    """`path` is the dataset, `<team>/<dataset>`."""

    def claims(self) -> list[Claim]: ...

    def claim(self, claim: Claim) -> None:
        """Set the claim of its prefix. Raises SpecError where another dataset holds it."""

    def unclaim(self, claim: Claim) -> None:
        """Give the prefix up, if this dataset holds it."""

    def compiled(self, path: str, digest: str) -> Compiled:
        """One version of a dataset. Raises UnknownDataset."""

    def knows(self, path: str, digest: str) -> bool: ...

    def keep(self, path: str, compiled: Compiled) -> None:
        """Keep a version; versions never change."""

    def current(self, path: str) -> str:
        """The digest of the version that counts now, "" where there is none."""

    def set_current(self, path: str, digest: str) -> None:
        """Make this version count, and list the dataset with its team."""

    def remove(self, path: str) -> None:
        """The dataset has no current version any more, and its team does not list it; its versions stay."""

    def datasets(self, team: str) -> list[str]:
        """The names of a team's datasets."""

    def feeds(self, path: str) -> list[str]:
        """The derived datasets that read this one's table."""

    def feed(self, path: str, derived: str) -> None: ...

    def unfeed(self, path: str, derived: str) -> None: ...


class DynamoRegistry:
    def __init__(self, client: DynamoDBClient, name: str) -> None:
        self._table = Table(client, name)

    def claims(self) -> list[Claim]:
        return [_claim(item) for item in self._table.query("claim")]

    def claim(self, claim: Claim) -> None:
        item = {"pk": "claim", "sk": claim.prefix} | asdict(claim)
        ours = "attribute_not_exists(pk) OR (#team = :team AND #dataset = :dataset)"
        if not self._table.put_if(item, ours, {"team": claim.team, "dataset": claim.dataset}):
            raise taken(claim)

    def unclaim(self, claim: Claim) -> None:
        found = self._table.get(("claim", claim.prefix))
        if found and _claim(found).path == claim.path:
            self._table.delete(("claim", claim.prefix))

    def compiled(self, path: str, digest: str) -> Compiled:
        item = self._table.get((path, f"config#{digest}"))
        if item is None:
            raise unknown(path, digest)
        compiled: Compiled = json.loads(item["compiled"])
        return compiled

    def knows(self, path: str, digest: str) -> bool:
        return self._table.get((path, f"config#{digest}")) is not None

    def keep(self, path: str, compiled: Compiled) -> None:
        item = {"pk": path, "sk": f"config#{compiled['digest']}", "compiled": json.dumps(compiled, ensure_ascii=False)}
        self._table.put_if(item, "attribute_not_exists(pk)")

    def current(self, path: str) -> str:
        item = self._table.get((path, "current"))
        return str(item["digest"]) if item else ""

    def set_current(self, path: str, digest: str) -> None:
        team, _, name = path.partition("/")
        self._table.put({"pk": path, "sk": "current", "digest": digest})
        self._table.put({"pk": f"team#{team}", "sk": name})

    def remove(self, path: str) -> None:
        team, _, name = path.partition("/")
        self._table.delete((f"team#{team}", name))
        self._table.delete((path, "current"))

    def datasets(self, team: str) -> list[str]:
        return [item["sk"] for item in self._table.query(f"team#{team}")]

    def feeds(self, path: str) -> list[str]:
        return [item["sk"].removeprefix("feeds#") for item in self._table.query(path, starts="feeds#")]

    def feed(self, path: str, derived: str) -> None:
        self._table.put({"pk": path, "sk": f"feeds#{derived}"})

    def unfeed(self, path: str, derived: str) -> None:
        self._table.delete((path, f"feeds#{derived}"))


class MemoryRegistry:
    def __init__(self) -> None:
        self._claims: dict[str, Claim] = {}
        self._versions: dict[tuple[str, str], Compiled] = {}
        self._current: dict[str, str] = {}
        self._feeds: set[tuple[str, str]] = set()

    def claims(self) -> list[Claim]:
        return [self._claims[prefix] for prefix in sorted(self._claims)]

    def claim(self, claim: Claim) -> None:
        if self._claims.get(claim.prefix, claim).path != claim.path:
            raise taken(claim)
        self._claims[claim.prefix] = claim

    def unclaim(self, claim: Claim) -> None:
        if claim.prefix in self._claims and self._claims[claim.prefix].path == claim.path:
            del self._claims[claim.prefix]

    def compiled(self, path: str, digest: str) -> Compiled:
        if (path, digest) not in self._versions:
            raise unknown(path, digest)
        return self._versions[path, digest]

    def knows(self, path: str, digest: str) -> bool:
        return (path, digest) in self._versions

    def keep(self, path: str, compiled: Compiled) -> None:
        self._versions.setdefault((path, str(compiled["digest"])), compiled)

    def current(self, path: str) -> str:
        return self._current.get(path, "")

    def set_current(self, path: str, digest: str) -> None:
        self._current[path] = digest

    def remove(self, path: str) -> None:
        self._current.pop(path, None)

    def datasets(self, team: str) -> list[str]:
        return sorted(path.partition("/")[2] for path in self._current if path.startswith(f"{team}/"))

    def feeds(self, path: str) -> list[str]:
        return sorted(derived for source, derived in self._feeds if source == path)

    def feed(self, path: str, derived: str) -> None:
        self._feeds.add((path, derived))

    def unfeed(self, path: str, derived: str) -> None:
        self._feeds.discard((path, derived))


def dataset_of(registry: Registry, path: str, digest: str = "") -> Dataset:
    """A version of a dataset, the current one by default. Raises UnknownDataset."""
    wanted = digest or registry.current(path)
    if not wanted:
        raise UnknownDataset(
            f"Dataset {path} is not registered. Add datasets/{path}/dataset.yaml and deploy it, "
            "or look for the name in `lake status`."
        )
    return dataset_from_json(registry.compiled(path, wanted))


def taken(claim: Claim) -> SpecError:
    return SpecError(
        f"Prefix '{claim.prefix}' of {claim.path} is claimed by another dataset. "
        f"Give datasets/{claim.path}/dataset.yaml another source.prefix, or remove the other dataset first."
    )


def unknown(path: str, digest: str) -> UnknownDataset:
    return UnknownDataset(f"Dataset {path} has no version {digest[:12]} in the registry. Deploy the dataset again.")


def _claim(item: Mapping[str, Any]) -> Claim:
    fields = {name: value for name, value in item.items() if name not in ("pk", "sk")}
    return Claim(**fields | {"ignore": tuple(fields.get("ignore", ()))})
