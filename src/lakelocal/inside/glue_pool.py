"""The engines of this machine: at most two alive, started when a job is deployed, ended when they are worn."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from lakelocal import jvm
from lakelocal.inside.door import Host
from lakelocal.inside.glue_credentials import CredentialServer
from lakelocal.inside.glue_engine import Engine
from lakelocal.inside.glue_machine import Machine
from lakelocal.inside.glue_recipe import Recipe

MOST_ALIVE = 2
MOST_JOBS = 30  # file handles and classes grow a little with every job
logger = logging.getLogger("lakelocal")


class Pool:
    """Hands out engines to the one run that is running."""

    def __init__(self, host: Host, machine: Machine, credentials: CredentialServer, folder: Path) -> None:
        self._host, self._machine, self._credentials, self._folder = host, machine, credentials, folder
        self._engines: dict[Engine, str] = {}
        self._lock = threading.Lock()
        self._stopped = False

    def prepare(self, job: str, recipe: Recipe) -> None:
        """See to it that an engine waits for this job, unless two others are alive already."""
        with self._lock:
            if self._stopped or any(one.recipe == recipe and one.alive and one.reusable for one in self._engines):
                return
            for engine in [engine for engine, owner in self._engines.items() if owner == job and not engine.busy]:
                self._end(engine)
            if len(self._living()) < MOST_ALIVE:
                self._begin(job, recipe).rehearse()

    def take(self, job: str, recipe: Recipe, fresh: bool) -> Engine:
        """An engine for a run; give it back when the run has ended."""
        with self._lock:
            engine = next((one for one in self._engines if not fresh and self._fits(one, recipe)), None)
            if engine is None:
                for old in [one for one, owner in self._engines.items() if owner == job and not fresh]:
                    self._end(old)
                while len(self._living()) >= MOST_ALIVE:
                    self._end(min(self._living(), key=lambda one: one.last_used))
                engine = self._begin(job, recipe)
            engine.busy = True
            return engine

    def give_back(self, engine: Engine, again: bool) -> None:
        """The run has ended. A worn engine is replaced by a new warm one if `again`."""
        engine.settle()
        with self._lock:
            engine.busy = False
            if engine.reusable and engine.alive and engine.jobs < MOST_JOBS:
                return
            job = self._engines.get(engine, "")
            self._end(engine)
        if again and not self._host.cold:
            self.prepare(job, engine.recipe)

    def retire(self, job: str) -> None:
        """The job is gone: so is its idle engine."""
        with self._lock:
            for engine in [one for one, owner in self._engines.items() if owner == job and not one.busy]:
                self._end(engine)

    def stop(self) -> None:
        with self._lock:
            self._stopped = True
            for engine in list(self._engines):
                self._end(engine)

    def _fits(self, engine: Engine, recipe: Recipe) -> bool:
        return engine.alive and engine.reusable and not engine.busy and engine.recipe == recipe

    def _living(self) -> list[Engine]:
        return list(self._engines)

    def _begin(self, job: str, recipe: Recipe) -> Engine:
        python = self._machine.python
        java = self._machine.java_home()
        environment = {
            "PATH": f"{java / 'bin'}:/usr/local/bin:/usr/bin:/bin",
            "JAVA_HOME": str(java),
            "LANG": "C.UTF-8",
            "PYSPARK_PYTHON": str(python),
            "PYSPARK_DRIVER_PYTHON": str(python),
            "SPARK_LOCAL_IP": "127.0.0.1",
            "SPARK_CONF_DIR": str(jvm.conf_folder(self._machine.root)),
            **dict(recipe.actor.environment),
            "AWS_ENDPOINT_URL": self._host.endpoint,
            "AWS_REGION": recipe.region,
            "AWS_DEFAULT_REGION": recipe.region,
            **self._credentials.environment(recipe.actor.role, recipe.actor.session, recipe.actor.service),
        }
        engine = Engine(recipe, python, environment, self._folder, self._host.workers if recipe.spreads else 1)
        self._engines[engine] = job
        return engine

    def _end(self, engine: Engine) -> None:
        self._engines.pop(engine, None)
        self._credentials.forget(engine.environment)
        engine.kill()
