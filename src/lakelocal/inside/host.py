"""The host: checks MiniStack, installs our modules, serves on 127.0.0.1, keeps the state safe."""

from __future__ import annotations

import asyncio
import fcntl
import importlib
import importlib.metadata
import importlib.util
import json
import logging
import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import parse_qsl

from lakelocal.inside import door
from lakelocal.inside.credentials import UnknownRole
from lakelocal.inside.door import Host
from lakelocal.inside.hook import Hook

VERSION = "1.5.33"
MODULES = (
    "transport",
    "cicd",
    "roles",
    "functions",
    "batches",
    "states",
    "stacks",
    "provisioning",
    "athena",
    "spark_jobs",
)
HOOKS = (
    Hook("ministack.app", "app", ("scope", "receive", "send")),
    Hook("ministack.app", "_build_persistence_save_dict", ()),
    Hook("ministack.core.persistence", "_json_default", ("obj",)),
    Hook("ministack.core.persistence", "_state_format_version", ("service",)),
    Hook("ministack.core.lambda_runtime", "reset", ()),
)
CHECKPOINT_SECONDS = 4.0
logger = logging.getLogger("lakelocal")

Scope = MutableMapping[str, Any]
Asgi = Callable[[Scope, Any, Any], Awaitable[None]]


class WrongMiniStack(SystemExit):
    """The MiniStack that is installed is not the one that we know."""


def serve(host: Host) -> None:
    """Run until SIGTERM or SIGINT."""
    lock = _lock(host.state_folder)
    check_version(importlib.metadata.version("ministack"))
    _empty(host.state_folder / "tmp")
    modules = list(installable())
    check_hooks([*door.HOOKS, *HOOKS, *(hook for module in modules for hook in module.HOOKS)])
    for module in modules:
        module.install(host)
    try:
        asyncio.run(_serve(host))
    finally:
        lock.close()


def check_version(found: str) -> None:
    """Raise WrongMiniStack unless this is the version whose inside we know."""
    if found != VERSION:
        raise WrongMiniStack(
            f"The local cloud knows MiniStack {VERSION}, this environment has {found}: "
            "install requirements/cloud.txt again."
        )


def check_hooks(hooks: list[Hook]) -> None:
    """Raise WrongMiniStack naming every place of MiniStack that is not as we know it."""
    misfits = sorted({text for hook in hooks if (text := hook.misfit())})
    if misfits:
        raise WrongMiniStack("MiniStack moved what the local cloud hooks into:\n  " + "\n  ".join(misfits))


def installable() -> Iterator[ModuleType]:
    """The modules of ours that are there, in the order of installation."""
    for name in MODULES:
        full = f"lakelocal.inside.{name}"
        if importlib.util.find_spec(full) is not None:
            yield importlib.import_module(full)


async def _serve(host: Host) -> None:
    from hypercorn.asyncio import serve as hypercorn
    from hypercorn.config import Config
    from ministack import app
    from ministack.core import lambda_runtime

    config = Config()
    config.bind = [f"127.0.0.1:{host.port}"]
    config.keep_alive_timeout = 75
    config.loglevel = "WARNING"
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    front = Front(app.app, host)
    checkpoint = Checkpoint(host.state_folder / "services", front)
    announcing = asyncio.create_task(_announce(host, checkpoint))

    async def until_stopped() -> None:
        await stopping.wait()
        await asyncio.to_thread(host.stop)

    await hypercorn(front, config, shutdown_trigger=until_stopped)
    announcing.cancel()
    checkpoint.stop()
    lambda_runtime.reset()
    (host.state_folder / "host.json").unlink(missing_ok=True)


async def _announce(host: Host, checkpoint: Checkpoint) -> None:
    """Say where we are once the port answers, then let the modules begin."""
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", host.port)
        except OSError:
            await asyncio.sleep(0.02)
            continue
        writer.close()
        break
    facts = {"pid": os.getpid(), "port": host.port, "account": host.account, "region": host.region}
    partial = host.state_folder / "host.json.partial"
    partial.write_text(json.dumps(facts | {"root": str(host.root)}))
    partial.replace(host.state_folder / "host.json")
    checkpoint.start()
    host.ready()


class Front:
    """MiniStack's application behind a gate: counts requests, answers `/_lake/…`, shuts admin doors."""

    OPEN = tuple(
        f"/_ministack/{door}" for door in ("health", "cfn-response/", "cfn-signal/", "lambda-code/", "lambda-layers/")
    )

    def __init__(self, inner: Asgi, host: Host) -> None:
        self._inner, self._host = inner, host
        self.requests = 0

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        path = scope.get("path", "")
        if path == "/_lake/health":
            facts = {"pid": os.getpid(), "root": str(self._host.root), "cold": self._host.cold}
            return await _answer(send, 200, facts)
        if path == "/_lake/credentials":
            return await _answer(send, *self._credentials(scope))
        if path.startswith(("/_ministack/", "/_localstack/")) and not path.startswith(self.OPEN):
            return await _answer(send, 403, {"message": f"{path} is closed: it would act without credentials"})
        self.requests += 1
        return await self._inner(scope, receive, send)

    def _credentials(self, scope: Scope) -> tuple[int, dict[str, object]]:
        """The keys of a role, for whoever plays the service that the role trusts outside of this process."""
        asked = dict(parse_qsl(scope.get("query_string", b"").decode()))
        try:
            keys = self._host.role_credentials(asked["role"], asked["session"], asked["service"])
        except (UnknownRole, KeyError) as error:
            return 400, {"message": str(error)}
        return 200, dict(keys.environment())


async def _answer(send: Any, status: int, facts: dict[str, object]) -> None:
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(facts).encode()})


class Checkpoint:
    """Saves the services' state every few seconds, off the event loop, when requests have come in."""

    def __init__(self, folder: Path, front: Front) -> None:
        self._folder, self._front = folder, front
        self._stopped = threading.Event()
        self._saved: dict[str, int] = {}
        self._thread = threading.Thread(target=self._run, daemon=True, name="checkpoint")

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        seen, pause = 0, CHECKPOINT_SECONDS
        while not self._stopped.wait(pause):
            if self._front.requests == seen:
                continue
            seen, began = self._front.requests, time.monotonic()
            self._save_all()
            # a large state must not keep a core busy with saving it, nor a small one a busy machine
            pause = max(CHECKPOINT_SECONDS, 20 * (time.monotonic() - began))

    def _save_all(self) -> None:
        from ministack import app

        self._folder.mkdir(parents=True, exist_ok=True)
        for service, state in app._build_persistence_save_dict().items():
            try:
                self._save(service, state)
            except Exception:  # the next round tries again; serving goes on
                logger.exception("checkpoint of %s failed", service)

    def _save(self, service: str, state: Callable[[], object]) -> None:
        from ministack.core import persistence

        for attempt in range(5):
            try:
                payload = state()
                if payload is None:
                    return
                wrapped = {
                    "__ministack_format__": persistence._state_format_version(service),
                    "payload": payload,
                }
                # encoded in C, a service at a time: a megabyte holds requests up for ten milliseconds
                text = json.dumps(wrapped, default=persistence._json_default)
                break
            except RuntimeError:  # a container changed while we read it
                if attempt == 4:
                    raise
                time.sleep(0.05)
        if self._saved.get(service) == hash(text):
            return
        partial = self._folder / f"{service}.json.partial"
        partial.write_text(text)
        partial.replace(self._folder / f"{service}.json")
        self._saved[service] = hash(text)


def _lock(state: Path) -> Any:
    state.mkdir(parents=True, exist_ok=True)
    lock = (state / "lock").open("w")
    for _ in range(20):  # whoever asks whether we live holds it for a moment
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            time.sleep(0.05)
        else:
            return lock
    sys.exit(f"A local cloud already runs on {state}: stop it with `lake local down`.")


def _empty(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
