"""Run one script as `__main__`, then put the interpreter back as it was."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import sys
import threading
import time
import traceback
import types
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MESSAGE_LIMIT = 2000


@dataclass(frozen=True)
class Script:
    """A script on disk and its arguments; it runs in its own folder."""

    path: str
    arguments: tuple[str, ...]


def run_script(script: Script) -> str | None:
    """Why the script failed, as Glue words it (`ValueError: no such column`), or None."""
    with _as_it_was():
        os.chdir(Path(script.path).parent)
        sys.argv = [script.path, *script.arguments]
        main = types.ModuleType("__main__")
        main.__file__ = script.path
        sys.modules["__main__"] = main
        try:
            code = compile(Path(script.path).read_bytes(), script.path, "exec")
            exec(code, main.__dict__)  # noqa: S102 - running the job's script is the purpose
        except SystemExit as ended:
            return None if ended.code in (None, 0) else f"SystemExit: {ended.code}"[:MESSAGE_LIMIT]
        except BaseException as error:  # noqa: BLE001 - whatever a script raises fails its run, not the driver
            _print_traceback(error)
            return _message(error)[:MESSAGE_LIMIT]
        return None


def _message(error: BaseException) -> str:
    java = getattr(error, "java_exception", None)
    if java is None:
        text = str(error)
        if "[" in text[:1] and ";\n" in text:
            text = text.partition(";\n")[0]  # what follows Spark's message is the query plan
        return f"{type(error).__name__}: {text}"
    causes: list[str] = []
    with contextlib.suppress(Exception):  # the JVM itself may be what died
        while java is not None and len(causes) < 5:
            causes.append(str(java.toString()).strip())
            java = java.getCause()
    return f"{type(error).__name__}: " + " Caused by: ".join(causes or [str(error)])


def _print_traceback(error: BaseException) -> None:
    """The traceback without our own frames above the script's."""
    frames = error.__traceback__.tb_next if error.__traceback__ else None
    traceback.print_exception(type(error), error, frames)


@contextlib.contextmanager
def _as_it_was() -> Iterator[None]:
    """Whatever a script changes in the interpreter, the next one does not see it."""
    argv, path, main = sys.argv, list(sys.path), sys.modules["__main__"]
    environment, folder, streams = os.environ.copy(), Path.cwd(), (sys.stdout, sys.stderr)
    filters, root = list(warnings.filters), logging.getLogger()
    level, handlers = root.level, list(root.handlers)
    handled = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    modules, threads = set(sys.modules), set(threading.enumerate())
    try:
        yield
    finally:
        for thread in set(threading.enumerate()) - threads:
            if not thread.daemon:
                thread.join()  # an interpreter that ends waits for them too
        sys.argv, sys.path[:], sys.modules["__main__"] = argv, path, main
        os.environ.clear()
        os.environ.update(environment)
        time.tzset()
        os.chdir(folder)
        sys.stdout, sys.stderr = streams
        warnings.filters[:] = filters  # type: ignore[index]
        root.setLevel(level)
        root.handlers[:] = handlers
        for number, handler in handled.items():
            signal.signal(number, handler)
        forget_modules(set(sys.modules) - modules)


def forget_modules(names: set[str]) -> None:
    """Forget the modules that came with a job, keep those of the environment: NumPy cannot be loaded twice."""
    installed = tuple(
        folder for folder in sys.path if folder.startswith(sys.prefix) or folder.startswith(sys.base_prefix)
    )
    for name in names:
        origin = getattr(sys.modules.get(name), "__file__", None)
        if origin and not origin.startswith(installed):
            del sys.modules[name]
    if "boto3" in sys.modules:
        sys.modules["boto3"].DEFAULT_SESSION = None  # type: ignore[attr-defined]
