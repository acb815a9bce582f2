"""pipelines/<name>.yaml: which stages a team's data passes, in which order, with which sizes."""

from __future__ import annotations

from typing import Annotated, Literal, NamedTuple

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from lakectl.specs.model import DatasetName, Listed, Spec, one_of
from lakectl.specs.quantity import Bytes, Seconds

MB = 1024**2
GB = 1024**3
Worker = Annotated[Literal["G.1X", "G.2X", "G.4X", "G.8X"], one_of("worker type", ("G.1X", "G.2X", "G.4X", "G.8X"))]
LARGEST_ON = {"G.1X": 10 * GB, "G.2X": 18 * GB, "G.4X": 55 * GB, "G.8X": 120 * GB}
"""The largest object for each worker: a quarter of its free disk, for the object, its parts, their sum, and a reserve.

Free are about 44, 78, 230 and 485 GB: https://docs.aws.amazon.com/glue/latest/dg/worker-types.html
"""


class EmrWorker(NamedTuple):
    """A worker of EMR Serverless: vCPU, and GB of Spark's memory, of what Spark needs beside it, and of disk."""

    cores: int
    memory: int
    overhead: int
    disk: int


EMR_WORKERS = {
    "G.1X": EmrWorker(4, 14, 2, 100),
    "G.2X": EmrWorker(8, 28, 4, 150),
    "G.4X": EmrWorker(16, 56, 8, 200),
}
"""The workers of Glue, as EMR Serverless has them; 16 vCPU and 200 GB of disk are the most there.

https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/app-behavior.html
"""


class Larger(Spec):
    """The machine for batches that are beyond the function: a Glue job's driver."""

    worker: Worker = "G.1X"
    timeout: Seconds = 4 * 3600

    @property
    def largest(self) -> int:
        """Bytes of the largest object that this machine reads."""
        return LARGEST_ON[self.worker]


class StageA(Spec):
    """The light stage: a Lambda function that converts one batch.

    A batch with an object above `largest` bytes, or of a format that the function cannot read, goes to `larger`.
    No function has more than 10 GB of disk: https://docs.aws.amazon.com/lambda/latest/dg/configuration-ephemeral-storage.html
    """

    stage: Literal["a"]
    memory: Bytes = 2048 * MB
    storage: Annotated[Bytes, Field(ge=4 * GB, le=10 * GB)] = 4 * GB
    timeout: Seconds = 300
    concurrency: Annotated[int, Field(ge=2, le=1000)] = 10
    largest: Bytes = 2 * GB
    larger: Larger = Larger()


class StageB(Spec):
    """The heavy stage: a Spark job that publishes one run, on `workers`, and on up to `most_workers` where it is large.

    `engine` runs it: AWS Glue, or EMR Serverless on workers of the same size, the largest of which is G.4X.
    More than 299 Glue does not start: https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-jobs-job.html
    """

    stage: Literal["b"]
    engine: Annotated[Literal["glue", "emr-serverless"], one_of("engine", ("glue", "emr-serverless"))] = "glue"
    workers: Annotated[int, Field(ge=2, le=299)] = 2
    most_workers: Annotated[int, Field(ge=2, le=299)] | None = None
    worker: Worker = "G.1X"
    timeout: Seconds = 3600

    @model_validator(mode="after")
    def _bounds(self) -> StageB:
        if self.most_workers is not None and self.most_workers < self.workers:
            words = {"most": self.most_workers, "least": self.workers, "at": "most_workers"}
            hint = f"Write a number from {self.workers} to 299, or leave it out."
            raise PydanticCustomError(
                "bounds", "at most {most} workers are fewer than the {least} of every run.", {**words, "hint": hint}
            )
        return self

    @model_validator(mode="after")
    def _there_is_such_a_worker(self) -> StageB:
        if self.engine == "emr-serverless" and self.worker not in EMR_WORKERS:
            words = {"worker": self.worker, "known": ", ".join(EMR_WORKERS), "at": "worker"}
            hint = f"Write one of {words['known']}, and more workers."
            raise PydanticCustomError("worker", "EMR Serverless has no worker like {worker}.", {**words, "hint": hint})
        return self

    @property
    def most(self) -> int:
        """Workers of the largest run: 10 unless said otherwise, and never fewer than the least."""
        return self.most_workers or max(self.workers, 10)


Stage = Annotated[StageA | StageB, Field(discriminator="stage")]


class BatchSize(Spec):
    """A batch is cut at the first of both limits."""

    objects: Annotated[int, Field(ge=1, le=1000)] = 100
    bytes: Bytes = 256 * MB


class TriggerSpec(Spec):
    """A run starts when the oldest batch has waited `max_wait`, or `max_objects` objects wait."""

    max_wait: Seconds = 300
    max_objects: Annotated[int, Field(ge=1, le=1_000_000)] = 1000


class PipelineSpec(Spec):
    pipeline: DatasetName
    description: str
    stages: Annotated[tuple[Stage, ...], Listed]
    batch: BatchSize = BatchSize()
    trigger: TriggerSpec = TriggerSpec()

    @property
    def stage_a(self) -> StageA:
        return next(stage for stage in self.stages if isinstance(stage, StageA))

    @property
    def stage_b(self) -> StageB:
        return next(stage for stage in self.stages if isinstance(stage, StageB))
