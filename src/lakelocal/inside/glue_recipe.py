"""What an engine is made of. Two runs with equal recipes may share an engine; others never do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lakelocal import jvm
from lakelocal.inside.door import Host
from lakelocal.inside.glue_arguments import Asked, Refused
from lakelocal.inside.glue_artifacts import Artifacts
from lakelocal.inside.glue_conf import catalogs, engine_conf
from lakelocal.inside.glue_credentials import SERVICE, SESSION_NAME
from lakelocal.inside.glue_machine import Machine
from lakelocal.inside.glue_wheels import installed


@dataclass(frozen=True, slots=True)
class Recipe:
    """A role, a place, a class path, Python packages, installed modules and Spark properties."""

    role: str
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

    def recipe(self, role: str, region: str, asked: Asked) -> Recipe:
        """Raises Refused, Unfetched, UnknownRole."""
        shipped = [one for one in asked.modules if one.startswith("s3")]
        missing = self.machine.missing_modules(tuple(one for one in asked.modules if one not in shipped))
        if missing:
            raise Refused(
                f"--additional-python-modules asks for {', '.join(missing)}, which the local Spark environment "
                "does not have: ship its wheel in S3, or add it to requirements/spark.in and run `make setup`."
            )
        s3 = self._s3(role)
        jars = self.machine.jars(asked.iceberg) + [
            self.machine.ours(self.artifacts.fetch(s3, uri)) for uri in asked.jars
        ]
        packages = tuple(self.artifacts.fetch(s3, uri) for uri in asked.packages)
        modules = tuple(installed(self.artifacts.fetch(s3, uri)) for uri in shipped)
        java = jvm.options(self.machine.root)
        conf = engine_conf(asked.conf, jars, packages, self.host.endpoint, region, java)
        return Recipe(role, region, packages, modules, tuple(sorted(conf.items())))

    def script(self, role: str, asked: Asked) -> Path:
        """The job's script as it is now."""
        return self.artifacts.fetch(self._s3(role), asked.script)

    def files(self, role: str, asked: Asked) -> list[Path]:
        """What `--extra-files` lays beside the script."""
        return [self.artifacts.fetch(self._s3(role), uri) for uri in asked.files]

    def _s3(self, role: str) -> Any:
        return self.host.client("s3", self.host.role_credentials(role, SESSION_NAME, SERVICE))


def role_arn(job: Mapping[str, Any], account: str) -> str:
    """A job may name its role by ARN or by name."""
    role = str(job.get("Role") or "")
    return role if role.startswith("arn:") else f"arn:aws:iam::{account}:role/{role}"
