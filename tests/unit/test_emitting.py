"""Events of the local developer services: told at least once, and where that fails, said."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import pytest

from lakelocal.inside.cicd.events import ATTEMPTS, emit


class Bus(ModuleType):
    """EventBridge of the local cloud, which fails as often as it is told to."""

    def __init__(self, failures: int) -> None:
        super().__init__("ministack.services.eventbridge")
        self.failures, self.heard = failures, []

    def _put_events(self, given: dict[str, Any], *, allow_aws_source: bool) -> None:
        assert allow_aws_source
        if self.failures:
            self.failures -= 1
            raise RuntimeError("dictionary changed size during iteration")
        self.heard.append(given["Entries"][0]["DetailType"])


def told(monkeypatch: pytest.MonkeyPatch, failures: int) -> tuple[Bus, str]:
    services, bus = ModuleType("ministack.services"), Bus(failures)
    services.eventbridge = bus  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "ministack", ModuleType("ministack"))
    monkeypatch.setitem(sys.modules, "ministack.services", services)
    return bus, emit("aws.codebuild", "CodeBuild Build State Change", {"build-status": "FAILED"}, "arn")


def test_an_event_that_fails_is_told_again(monkeypatch: pytest.MonkeyPatch) -> None:
    bus, lost = told(monkeypatch, ATTEMPTS - 1)
    assert (bus.heard, lost) == (["CodeBuild Build State Change"], "")


def test_an_event_that_is_lost_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    bus, lost = told(monkeypatch, ATTEMPTS)
    assert bus.heard == []
    assert lost == (
        "No rule hears of 'CodeBuild Build State Change': RuntimeError: dictionary changed size during iteration"
    )
