"""Wait for an editor: debugpy listens on this machine alone."""

from __future__ import annotations

import socket
import sys
from pathlib import Path
from typing import Annotated

import typer

from lakectl.failure import Failure
from lakectl.option import whole
from lakectl.screen import errors

PORT = 5678
Port = Annotated[int, typer.Option(parser=whole(1, 65535), metavar="NUMBER", help="Where the debugger waits.")]


def folder(root: Path) -> Path:
    """Where debugpy lies, apart from what functions import."""
    return root / ".lake" / "debugger"


def free(port: int) -> None:
    """Raises Failure where another program listens on the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise Failure(f"Port {port} is taken. Give another one: --debug-port {port + 1}") from error


def wait(root: Path, port: int) -> None:
    """Go on once an editor has attached. Raises Failure where the port is taken or debugpy is missing."""
    free(port)
    if not folder(root).is_dir():
        raise Failure(f"The debugger is missing at {folder(root)}: run `make setup`.")
    sys.path.append(str(folder(root)))
    import debugpy  # type: ignore[import-not-found]

    debugpy.listen(("127.0.0.1", port))
    errors.print(f"Waiting for a debugger on 127.0.0.1:{port} (VS Code: Run and Debug, 'Attach'; Ctrl-C ends it).")
    debugpy.wait_for_client()
