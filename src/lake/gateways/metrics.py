"""Metrics: numbers that alarms watch and dashboards draw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from lake.gateways.dynamo import chunks
from lake.gateways.trouble import asking

MOST = 1000
"""Measures that one call takes: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html"""


@dataclass(frozen=True, slots=True)
class Measure:
    """One number now. `of` says what it belongs to, as CloudWatch's dimensions."""

    name: str
    value: float
    unit: Literal["Seconds", "Count"]
    of: tuple[tuple[str, str], ...] = ()


class Metrics(Protocol):
    def put(self, measures: Sequence[Measure]) -> None:
        """Write these down as of now."""


class CloudWatchMetrics:
    def __init__(self, client: Any, namespace: str) -> None:
        self._client = client
        self._namespace = namespace

    def put(self, measures: Sequence[Measure]) -> None:
        for chunk in chunks(measures, MOST):
            data = [
                {
                    "MetricName": one.name,
                    "Value": one.value,
                    "Unit": one.unit,
                    "Dimensions": [{"Name": name, "Value": value} for name, value in one.of],
                }
                for one in chunk
            ]
            with asking(f"writing metrics of {self._namespace}"):
                self._client.put_metric_data(Namespace=self._namespace, MetricData=data)


class MemoryMetrics:
    """`written` holds every measure in order."""

    def __init__(self) -> None:
        self.written: list[Measure] = []

    def put(self, measures: Sequence[Measure]) -> None:
        self.written.extend(measures)
