"""The cloud on this laptop: its port, and whether it answers."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

from lakectl.doctor.check import Check
from lakelocal import cloud
from lakelocal.inside import fidelity

TOPIC = "local cloud"


def look(root: Path) -> Iterator[Check]:
    running = cloud.running(root)
    if running is not None:
        told = f"answers at {running.endpoint}, process {running.pid}, account {running.account}, {running.region}"
        yield Check(TOPIC, "health", "ok", told)
        return
    yield Check(TOPIC, "health", "note", "not running", "lake local up")
    yield _port(cloud.state_folder(root) / "port")


def _port(remembered: Path) -> Check:
    """Whether the clone's port is free, or, before the first start, any."""
    port = int(remembered.read_text()) if remembered.exists() else 0
    name = f"port {port}" if port else "any port"
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((cloud.HOST, port))
        except OSError as error:
            fix = f"Stop the program that has it, or delete {remembered} and `lake local reset`."
            return Check(TOPIC, name, "mend", str(error.strerror), fix)
    return Check(TOPIC, name, "ok", f"free on {cloud.HOST}")


def table() -> list[dict[str, str]]:
    """What the local cloud does for each service and type of resource; what is not listed is refused by name."""
    services = [{"what": name, "how": how, "remembered only": ""} for name, how in sorted(fidelity.SERVICES.items())]
    types = [
        {"what": name, "how": row.how, "remembered only": " ".join(sorted(row.recorded))}
        for name, row in sorted(fidelity.TYPES.items())
    ]
    return [*services, *types]
