"""What an engine is made of. Two runs with equal recipes may share an engine; others never do."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lakelocal import jvm
from lakelocal.inside.door import Host
from lakelocal.inside.glue_arguments import Asked, Refused
from lakelocal.inside.glue_artifacts import Artifacts
from lakelocal.inside.glue_conf import catalogs, engine_conf
from lakelocal.inside.glue_machine import Machine
from lakelocal.inside.glue_wheels import installed, unpacked


@dataclass(frozen=True, slots=True)
class Actor:
    """Whom a run acts as: a role, in a session of this name, which a service made; and what its service lets it see."""

    role: str
    session: str
    service: str
    environment: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Recipe:
    """An actor, a place, a class path, Python packages, installed modules and Spark properties."""

    actor: Actor
    region: str
    packages: tuple[Path, ...]
    modules: tuple[Path, ...]
    conf: tuple[tuple[str, str], ...]

    @property
    def spreads(self) -> bool:
        """Whether more workers would have work: a job without tables does not use Spark."""
        return bool(catalogs(dict(self.conf)))


@dataclass(frozen=True, slots=True)
class Kitchen:
    """Turns what a job asks for into files and a recipe, with the permissions of the job's role."""

    host: Host
    machine: Machine
    artifacts: Artifacts

    def recipe(self, actor: Actor, region: str, asked: Asked) -> Recipe:
        """Raises Refused, Unfetched, UnknownRole."""
        shipped = [one for one in asked.modules if one.startswith("s3")]
        missing = self.machine.missing_modules(tuple(one for one in asked.modules if one not in shipped))
        if missing:
            raise Refused(
                f"--additional-python-modules asks for {', '.join(missing)}, which the local Spark environment "
                "does not have: ship its wheel in S3, or add it to requirements/spark.in and run `make setup`."
            )
        s3 = self._s3(actor)
        jars = self.machine.jars(asked.iceberg) + [
            self.machine.ours(self.artifacts.fetch(s3, uri)) for uri in asked.jars
        ]
        packages = tuple(self.artifacts.fetch(s3, uri) for uri in asked.packages)
        modules = tuple(installed(self.artifacts.fetch(s3, uri)) for uri in shipped)
        modules += tuple(unpacked(self.artifacts.fetch(s3, uri)) for uri in asked.archives)
        java = jvm.options(self.machine.root)
        conf = engine_conf(asked.conf, jars, packages, self.host.endpoint, region, java)
        return Recipe(actor, region, packages, modules, tuple(sorted(conf.items())))

    def script(self, actor: Actor, asked: Asked) -> Path:
        """The job's script as it is now."""
        return self.artifacts.fetch(self._s3(actor), asked.script)

    def files(self, actor: Actor, asked: Asked) -> list[Path]:
        """What is laid beside the script."""
        return [self.artifacts.fetch(self._s3(actor), uri) for uri in asked.files]

    def _s3(self, actor: Actor) -> Any:
        return self.host.client("s3", self.host.role_credentials(actor.role, actor.session, actor.service))
