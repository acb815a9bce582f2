"""How a container becomes a process: its command, its variables, and which folder it sees where."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lakelocal.engine.image import Image
from lakelocal.engine.refusal import Refused
from lakelocal.engine.setting import Setting

RUNTIME = Path(__file__).with_name("runtime")
ENTER = Path(__file__).with_name("enter.py")
EMULATOR = "/var/rapid/aws-lambda-rie"
PACKAGES = "/var/lang/packages"
DEBUGGER = "/var/lang/debugger"
DEBUGGERS = ("debugpy", "pydevd", "ptvsd", "pdb")


@dataclass(frozen=True, slots=True)
class Bind:
    source: str
    target: str
    writable: bool


@dataclass(frozen=True, slots=True)
class Launch:
    """What to start; the folder to start it in."""

    command: list[str]
    environment: dict[str, str]
    folder: str


def launch(setting: Setting, image: Image, spec: Mapping[str, Any], home: Path, identity: dict[str, str]) -> Launch:
    """The process that plays a container. Raises Refused for what Docker would refuse at the start."""
    if not image.folder:
        raise Refused(400, f"{image.name} has no runtime emulator in it: SAM builds one on top of it.")
    binds = list(_binds(spec))
    ports = ports_of(spec)
    command = _with_debugger(_with_addresses(list(spec.get("Entrypoint") or []), ports), ports)
    command += spec.get("Cmd") or []
    if command[:1] != [EMULATOR]:
        raise Refused(400, f"This engine starts functions alone, not {' '.join(command) or 'nothing'}.")
    declared = dict(pair.split("=", 1) for pair in spec.get("Env") or [] if "=" in pair)
    environment = _environment(image) | declared | identity
    if setting.plain:
        return _plain(setting, image, command, environment, binds, home)
    plan = {
        "root": str(home / "root"),
        "folder": spec.get("WorkingDir") or "/",
        "command": command,
        "binds": [(bind.source, bind.target, bind.writable) for bind in _shown(setting, image, binds, home)],
        "links": [(setting.python, f"/var/lang/bin/python{version}") for version in ("", "3", image.version)],
        "hidden": [str(Path.home() / name) for name in (".aws", ".ssh")],
    }
    return Launch([sys.executable, "-I", "-S", str(ENTER), json.dumps(plan)], environment, "/")


def _binds(spec: Mapping[str, Any]) -> list[Bind]:
    found = []
    for text in (spec.get("HostConfig") or {}).get("Binds") or []:
        source, target, *flags = text.split(":")
        if not Path(source).exists():
            raise Refused(500, f"bind source path does not exist: {source}")
        found.append(Bind(source, target, bool(flags) and "rw" in flags[0].split(",")))
    return found


def ports_of(spec: Mapping[str, Any]) -> dict[str, tuple[str, int]]:
    """Where each port of the container must listen. Raises Refused for one that is taken."""
    found = {}
    for port, places in ((spec.get("HostConfig") or {}).get("PortBindings") or {}).items():
        address = (places[0].get("HostIp") or "127.0.0.1", int(places[0]["HostPort"]))
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(address)
            except OSError as error:
                raise Refused(500, f"port {address[1]} is taken by another program ({error.strerror})") from error
        found[port.partition("/")[0]] = address
    return found


def _with_addresses(command: list[str], ports: Mapping[str, tuple[str, int]]) -> list[str]:
    """All containers share this machine's ports, so the emulator must be told which are its own."""
    if command[:1] != [EMULATOR]:
        return command
    host, port = ports.get("8080", ("127.0.0.1", 8080))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        inner = probe.getsockname()[1]
    told = ["--runtime-interface-emulator-address", f"{host}:{port}", "--runtime-api-address", f"127.0.0.1:{inner}"]
    return [command[0], *told, *command[1:]]


def _with_debugger(command: list[str], ports: Mapping[str, tuple[str, int]]) -> list[str]:
    """`sam local invoke -d PORT` opens a second port: debugpy waits there, and never beyond this machine."""
    command = [re.sub(r"0\.0\.0\.0:(\d+)", r"127.0.0.1:\1", word) for word in command]
    others = [address for port, address in ports.items() if port != "8080"]
    started = next((place for place, word in enumerate(command) if word.startswith("/var/lang/bin/python")), None)
    if started is None:
        return [*command, "/var/lang/bin/python3", "-s", "/var/runtime/bootstrap.py"]
    if others and not any(name in word for word in command for name in DEBUGGERS):
        waiting = ["--listen", f"127.0.0.1:{others[0][1]}", "--wait-for-client"]
        command[started + 1 : started + 1] = ["-s", f"{DEBUGGER}/debugpy", *waiting]
    elif "debugpy" in command:
        place = command.index("debugpy")  # -m debugpy would ask the function's package for it
        command[place - 1 : place + 1] = [f"{DEBUGGER}/debugpy"]
    return command


def _environment(image: Image) -> dict[str, str]:
    return {
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "HOME": "/tmp",  # noqa: S108  the function's own, as on Lambda
        "PATH": "/var/lang/bin:/usr/local/bin:/usr/bin:/bin:/opt/bin",
        "LD_LIBRARY_PATH": "/var/task:/var/task/lib:/opt/lib",
        "LAMBDA_TASK_ROOT": "/var/task",
        "LAMBDA_RUNTIME_DIR": "/var/runtime",
        "AWS_EXECUTION_ENV": f"AWS_Lambda_python{image.version}",
        "LAKE_RUNTIME_PACKAGES": PACKAGES,
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }


def _shown(setting: Setting, image: Image, binds: list[Bind], home: Path) -> list[Bind]:
    """Every folder that the function sees beside the machine's own; a later one covers an earlier one."""
    shown = [Bind(str(home / "tmp"), "/tmp", True)]  # noqa: S108  the function's own
    base = str(Path(os.path.realpath(setting.python)).parents[1])
    if base.startswith(("/tmp/", "/opt/", "/var/")):  # noqa: S108  a Python that lives where the function has its own
        shown.append(Bind(base, base, False))
    for entry in sorted(Path(image.folder, "opt").iterdir()):
        shown.append(Bind(str(entry), f"/opt/{entry.name}", False))
    shown += [Bind(str(RUNTIME), "/var/runtime", False), Bind(setting.packages, PACKAGES, False)]
    shown.append(Bind(image.folder + EMULATOR, EMULATOR, False))
    if Path(setting.debugger).is_dir():
        shown.append(Bind(setting.debugger, DEBUGGER, False))
    return shown + binds


def _plain(
    setting: Setting, image: Image, command: list[str], environment: dict[str, str], binds: list[Bind], home: Path
) -> Launch:
    """The same without a namespace: what would be at a place is named where it really lies."""
    task = next((bind.source for bind in binds if bind.target == "/var/task"), "/")
    opt = f"{image.folder}/opt"
    really = {
        EMULATOR: image.folder + EMULATOR,
        "/var/runtime/bootstrap.py": str(RUNTIME / "bootstrap.py"),
        f"{DEBUGGER}/debugpy": f"{setting.debugger}/debugpy",
    }
    words = [setting.python if word.startswith("/var/lang/bin/python") else really.get(word, word) for word in command]
    environment = environment | {
        "LAMBDA_TASK_ROOT": task,
        "LAMBDA_RUNTIME_DIR": str(RUNTIME),
        "LAKE_RUNTIME_PACKAGES": setting.packages,
        "LAKE_LAYERS": opt,
        "TMPDIR": str(home / "tmp"),
        "HOME": str(home / "tmp"),
        "PATH": f"{Path(setting.python).parent}:/usr/local/bin:/usr/bin:/bin:{opt}/bin",
    }
    if not shutil.which(words[0]):
        raise Refused(500, f"{words[0]} cannot be started.")
    return Launch(words, environment, task)
