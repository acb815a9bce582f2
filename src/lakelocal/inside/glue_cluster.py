"""A standalone Spark cluster for one engine: a master and workers as processes of their own, on loopback.

Executors inherit their worker's environment, so a cluster belongs to one engine and one role.
https://spark.apache.org/docs/3.5.6/spark-standalone.html
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

from lakelocal import jvm

HOST = "127.0.0.1"
START_SECONDS = 60.0
EXECUTOR_MB = 700
SCALA = "2.12"
CLASSES = "org.apache.spark.deploy"


class NoCluster(Exception):
    """The cluster did not start; the message says where its log lies."""


class Cluster:
    """Up as soon as its workers have registered. `conf` is what a driver must say to use it."""

    def __init__(self, workers: int, python: Path, environment: Mapping[str, str], folder: Path) -> None:
        home = next(python.parent.parent.glob("lib/python3*/site-packages/pyspark"))
        # what bin/load-spark-env.sh would say: without both, a worker finds no class path for its executors
        found = {"SPARK_HOME": str(home), "SPARK_SCALA_VERSION": SCALA}
        self._environment = {**environment, **found, "SPARK_LOCAL_DIRS": str(folder)}
        self._java, self._jars = Path(environment["JAVA_HOME"]) / "bin/java", home / "jars"
        self._folder, self._processes, port = folder, list[subprocess.Popen[bytes]](), _free_port()
        folder.mkdir(parents=True, exist_ok=True)
        self._url = f"spark://{HOST}:{port}"
        try:
            self._start("master", f"{CLASSES}.master.Master", "--host", HOST, "--port", str(port), "--webui-port", "0")
            self._until("master", "I have been elected leader", 1)
            for number in range(workers):
                place = ("--host", HOST, "--webui-port", "0", "--cores", "1", "--memory", f"{EXECUTOR_MB}m")
                where = ("--work-dir", str(folder / f"work-{number}"), self._url)
                self._start(f"worker-{number}", f"{CLASSES}.worker.Worker", *place, *where)
            self._until("master", "Registering worker", workers)
        except NoCluster:
            self.stop()
            raise

    def conf(self, class_path: str) -> dict[str, str]:
        return {
            "spark.master": self._url,
            "spark.executor.cores": "1",
            "spark.executor.memory": f"{EXECUTOR_MB}m",
            "spark.executor.extraClassPath": class_path,
            "spark.executor.extraJavaOptions": jvm.QUICK,
        }

    def stop(self) -> None:
        """End every process, executors too."""
        for process in reversed(self._processes):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self._processes.clear()

    def _start(self, name: str, main: str, *arguments: str) -> None:
        command = [str(self._java), "-Xmx128m", *jvm.QUICK.split(), "-cp", f"{self._jars}/*", main, *arguments]
        with (self._folder / f"{name}.log").open("wb") as log:
            self._processes.append(
                subprocess.Popen(
                    command,
                    env=self._environment,
                    cwd=self._folder,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
            )

    def _until(self, name: str, words: str, times: int) -> None:
        log, deadline = self._folder / f"{name}.log", time.monotonic() + START_SECONDS
        while log.read_text(errors="replace").count(words) < times:
            if time.monotonic() > deadline or any(process.poll() is not None for process in self._processes):
                raise NoCluster(f"Spark's {name} did not start: see {log}.")
            time.sleep(0.1)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind((HOST, 0))
        return int(found.getsockname()[1])
