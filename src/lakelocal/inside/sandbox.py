"""One execution environment of a function: a process that sees its package, its layers and Lambda's runtime."""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ministack.core import lambda_runtime

from lakelocal.inside import packages

BOOTSTRAP = Path(__file__).with_name("bootstrap.py")
MARK = "\x00END "


@dataclass(frozen=True, slots=True)
class Runtime:
    """The interpreter that stands for Lambda's, and where sandboxes keep their things."""

    python: Path
    version: str
    endpoint: str
    shelf: Path
    path: str


class Sandbox(lambda_runtime.Worker):  # type: ignore[misc]
    """Takes the place of MiniStack's worker in its pool, keeping the pool's own fields."""

    runtime: Runtime

    def __init__(self, func_name: str, config: dict[str, Any], code_zip: bytes) -> None:
        super().__init__(func_name, config, code_zip)
        self._events: Any = None
        self._answers = -1
        self._log: list[str] = []
        self._log_ended: dict[str, threading.Event] = {}

    def _spawn(self) -> None:
        self._discard_tmpdir()
        self._close_pipes()
        code = packages.unpacked(self.code_zip, self.runtime.shelf)
        layers = [packages.unpacked(data, self.runtime.shelf) for data in self._layer_packages()]
        self._tmpdir = tempfile.mkdtemp(prefix=f"{self.func_name}-")
        events_in, events_out = os.pipe()
        answers_in, answers_out = os.pipe()
        runtime = self.runtime
        command = [str(runtime.python), "-s", "-P", "-B"]  # a function's folder is read-only: it keeps no bytecode
        command += [str(BOOTSTRAP), str(events_in), str(answers_out), *self._python_path(code, layers)]
        self._proc = subprocess.Popen(
            command,
            cwd=code,
            env=self._environment(code),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=(events_in, answers_out),
            start_new_session=True,
        )
        os.close(events_in)
        os.close(answers_out)
        self._events = os.fdopen(events_out, "w")
        self._answers = answers_in
        self._log = []
        threading.Thread(target=self._read_log, args=(self._proc,), daemon=True, name=f"log-{self.func_name}").start()
        self._start_time = time.time()

    def invoke(self, event: object, request_id: str, **about: Any) -> dict[str, Any]:
        """One invocation: `{"body": …, "error": bool, "log": text}`, the body as Lambda would answer it."""
        with self._lock:
            cold = self._proc is None or self._proc.poll() is not None
            if cold:
                self._spawn()
            self._cold = False
            self._log_ended = {request_id: threading.Event()}
            timeout = float(self.config.get("Timeout") or 3)
            answer = self._ask(event, request_id, timeout, about)
            answer["log"] = self._take_log(request_id)
            answer["cold_start"] = cold
            return answer

    def _ask(self, event: object, request_id: str, timeout: float, about: dict[str, Any]) -> dict[str, Any]:
        deadline = time.time() + timeout
        call = {
            "event": event,
            "request_id": request_id,
            "deadline": deadline,
            "arn": about.get("invoked_function_arn") or self.config.get("FunctionArn", ""),
            "trace_id": about.get("trace_id"),
        }
        with contextlib.suppress(BrokenPipeError):  # it died between two calls: the answer says so
            self._events.write(json.dumps(call) + "\n")
            self._events.flush()
        line = self._answer_line(deadline)
        if line is None:
            self._end()
            seconds = f"{timeout:.2f}"
            return _failed("Sandbox.Timedout", request_id, f"Task timed out after {seconds} seconds")
        if not line:
            code = self._end()
            reason = f"signal: {signal.Signals(-code).name}" if code < 0 else f"exit status {code}"
            return _failed("Runtime.ExitError", request_id, f"Runtime exited with error: {reason}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _answer_line(self, deadline: float) -> bytes | None:
        """The answer; None after the deadline; empty when the process ended."""
        poll = select.poll()
        poll.register(self._answers, select.POLLIN)
        found = bytearray()
        while not found.endswith(b"\n"):
            left = deadline - time.time()
            if left <= 0 or not poll.poll(left * 1000):
                return None
            chunk = os.read(self._answers, 1 << 20)
            if not chunk:
                return b""
            found += chunk
        return bytes(found)

    def _end(self) -> int:
        """Kill the process with all that it started; its exit code."""
        process, self._proc = self._proc, None
        with contextlib.suppress(ProcessLookupError):
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
        return int(process.wait())

    def _read_log(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        with process.stdout as lines:
            for raw in lines:
                line = raw.decode(errors="replace").rstrip("\n")
                if line.startswith(MARK):
                    ended = self._log_ended.get(line.removeprefix(MARK))
                    if ended:
                        ended.set()
                else:
                    self._log.append(line)
        for ended in self._log_ended.values():
            ended.set()

    def _take_log(self, request_id: str) -> str:
        self._log_ended[request_id].wait(1.0)
        lines, self._log = self._log, []
        return "\n".join(lines)

    def _layer_packages(self) -> list[bytes]:
        from ministack.services import lambda_svc

        found = [lambda_svc._resolve_layer_zip(layer) for layer in self.config.get("Layers") or []]
        return [data for data in found if data]

    def _python_path(self, code: Path, layers: list[Path]) -> list[str]:
        folders = [code]
        for layer in layers:
            folders += [layer / "python" / "lib" / f"python{self.runtime.version}" / "site-packages"]
            folders += [layer / "python"]
        return [str(folder) for folder in folders if folder.is_dir()]

    def _environment(self, code: Path) -> dict[str, str]:
        """What Lambda sets, the role's credentials and the declared variables; nothing of the host's."""
        config = self.config
        name = str(config["FunctionName"])
        region = str(config["FunctionArn"]).split(":")[3]
        version = str(config.get("Version", "$LATEST"))
        logging = config.get("LoggingConfig") or {}
        declared = (config.get("Environment") or {}).get("Variables") or {}
        today = time.strftime("%Y/%m/%d", time.gmtime())
        reserved = {
            "_HANDLER": str(config.get("Handler", "")),
            "AWS_REGION": region,
            "AWS_DEFAULT_REGION": region,
            "AWS_EXECUTION_ENV": f"AWS_Lambda_python{self.runtime.version}",
            "AWS_LAMBDA_FUNCTION_NAME": name,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(config.get("MemorySize", 128)),
            "AWS_LAMBDA_FUNCTION_VERSION": version,
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_GROUP_NAME": str(logging.get("LogGroup") or f"/aws/lambda/{name}"),
            "AWS_LAMBDA_LOG_STREAM_NAME": f"{today}/[{version}]{uuid.uuid4().hex}",
            "LAMBDA_TASK_ROOT": str(code),
            **({"AWS_LAMBDA_LOG_FORMAT": "JSON"} if logging.get("LogFormat") == "JSON" else {}),
            **({"AWS_LAMBDA_LOG_LEVEL": level} if (level := logging.get("ApplicationLogLevel")) else {}),
            **lambda_runtime.execution_credentials(config),
        }
        return {
            "PATH": self.runtime.path,
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            "TMPDIR": str(self._tmpdir),
            "AWS_ENDPOINT_URL": self.runtime.endpoint,
            "AWS_CONFIG_FILE": f"{self._tmpdir}/no-config",
            "AWS_SHARED_CREDENTIALS_FILE": f"{self._tmpdir}/no-credentials",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
            **{str(key): str(value) for key, value in declared.items()},
            **reserved,
        }

    def _close_pipes(self) -> None:
        if self._events is not None:
            with contextlib.suppress(BrokenPipeError):
                self._events.close()
            os.close(self._answers)
            self._events = None

    def _discard_tmpdir(self) -> None:
        if self._tmpdir:
            shutil.rmtree(self._tmpdir, ignore_errors=True)
            self._tmpdir = None
        if self._proc is None or self._proc.poll() is not None:
            self._close_pipes()


def _failed(kind: str, request_id: str, reason: str) -> dict[str, Any]:
    message = f"RequestId: {request_id} Error: {reason}"
    return {"body": {"errorType": kind, "errorMessage": message}, "error": True}
