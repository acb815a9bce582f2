"""Pipelines live in one account of the local cloud, the one that it began with; others are deployed to from there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lakelocal.inside.door import Host


def stranger(host: Host) -> str | None:
    """Why the account of the present request has no pipelines here, or None."""
    if host.present == host.account:
        return None
    return (
        f"The local cloud keeps repositories, builds and pipelines in account {host.account} alone, "
        f"and this is {host.present}: let lake.yaml, cicd.account say {host.account}."
    )


def at_home(host: Host, call: Callable[..., Any]) -> Callable[..., Any]:
    """A handler of CloudFormation that fails its resource by name in any other account."""

    def checked(*given: Any) -> Any:
        if wrong := stranger(host):
            raise ValueError(wrong)
        return call(*given)

    return checked
