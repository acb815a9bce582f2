"""Spark as AWS sells it, on the one Spark of this machine: Glue jobs, and job runs of EMR Serverless."""

from __future__ import annotations

from lakelocal.inside import emr_serverless, glue_jobs
from lakelocal.inside.door import Host
from lakelocal.inside.glue_artifacts import Artifacts
from lakelocal.inside.glue_credentials import CredentialServer
from lakelocal.inside.glue_machine import Machine
from lakelocal.inside.glue_pool import Pool
from lakelocal.inside.glue_recipe import Kitchen
from lakelocal.inside.spark_runs import Runs

HOOKS = (*glue_jobs.HOOKS, *emr_serverless.HOOKS)


def install(host: Host) -> None:
    """Give both services the same queue of runs, the same engines, the same files."""
    engines = host.state_folder / "tmp" / "glue"
    engines.mkdir(parents=True, exist_ok=True)
    machine, credentials = Machine(host.root), CredentialServer(host)
    pool = Pool(host, machine, credentials, engines)
    runs = Runs(host, Kitchen(host, machine, Artifacts(host.state_folder / "glue/artifacts")), pool)
    glue_jobs.install(host, runs, pool)
    emr_serverless.install(host, runs, pool)
    host.on_stop(pool.stop)
    host.on_stop(credentials.stop)
