"""The deployment lock: one holder, whoever reads late, and an end that needs nobody."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lakectl.failure import Failure
from lakectl.lock import LASTS, Holder, Lock, held

ANN = Holder("Ann on anvil", "anvil", os.getpid(), "deploy", "0123456789abcdef", 0.0, 0.0)
BEA = replace(ANN, name="Bea on birch", place="birch")


@dataclass
class MemoryParameters:
    """Parameter Store as far as the lock needs it: each write gets the next number."""

    values: list[str] = field(default_factory=list)

    def get_parameter(self, Name: str) -> dict[str, Any]:  # noqa: N803
        number = int(Name.partition(":")[2] or len(self.values))
        if not 0 < number <= len(self.values):
            raise ClientError({"Error": {"Code": "ParameterNotFound"}}, "GetParameter")
        return {"Parameter": {"Version": number, "Value": self.values[number - 1]}}

    def put_parameter(self, Value: str, Overwrite: bool, **_: str) -> dict[str, Any]:  # noqa: N803
        if self.values and not Overwrite:
            raise ClientError({"Error": {"Code": "ParameterAlreadyExists"}}, "PutParameter")
        self.values.append(Value)
        return {"Version": len(self.values)}


@dataclass
class Place:
    """A target as far as the lock looks at it."""

    parameters: Any
    domain: str = "lake"
    environment: str = "dev"
    root: Path = Path()

    def client(self, service: str) -> Any:
        return self.parameters


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Hesitant(MemoryParameters):
    """Somebody else does something between the next read and the write that follows it."""

    meanwhile: Any = None

    def put_parameter(self, **said: Any) -> dict[str, Any]:
        act, self.meanwhile = self.meanwhile, None
        if act:
            act()
        return super().put_parameter(**said)


def test_a_second_one_is_told_who_holds_it_and_until_when() -> None:
    place, clock = Place(MemoryParameters()), Clock()
    Lock(place, ANN, clock).take()
    with pytest.raises(Failure) as refused:
        Lock(place, BEA, clock).take()
    assert "dev is being deployed by Ann on anvil (`lake deploy` of commit 0123456789, since" in str(refused.value)
    assert "Nothing was written" in str(refused.value)


def test_a_lock_that_was_given_back_is_free() -> None:
    place, clock = Place(MemoryParameters()), Clock()
    first = Lock(place, ANN, clock)
    first.take()
    assert first.release()
    Lock(place, BEA, clock).take()


def test_the_lock_of_one_who_died_far_away_ends_by_itself() -> None:
    place, clock = Place(MemoryParameters()), Clock()
    Lock(place, ANN, clock).take()
    clock.now += LASTS - 1
    with pytest.raises(Failure):
        Lock(place, BEA, clock).take()
    clock.now += 1
    Lock(place, BEA, clock).take()


def test_the_lock_of_one_who_died_on_this_machine_is_free_at_once() -> None:
    place, clock = Place(MemoryParameters()), Clock()
    nobody = 2**22 + 1  # above the greatest number that Linux gives
    Lock(place, replace(ANN, process=nobody), clock).take()
    Lock(place, ANN, clock).take()


def test_a_lock_that_is_renewed_lasts() -> None:
    place, clock = Place(MemoryParameters()), Clock()
    lock = Lock(place, ANN, clock)
    lock.take()
    clock.now += LASTS - 1
    lock.renew()
    clock.now += LASTS - 1
    with pytest.raises(Failure):
        Lock(place, BEA, clock).take()


@pytest.mark.parametrize("used_before", [False, True], ids=["the first ever", "a free one"])
def test_of_two_at_the_same_moment_one_has_it(used_before: bool) -> None:
    parameters, clock = Hesitant(), Clock()
    place = Place(parameters)
    if used_before:
        earlier = Lock(place, ANN, clock)
        earlier.take()
        earlier.release()
    parameters.meanwhile = Lock(place, BEA, clock).take
    with pytest.raises(Failure, match="Bea on birch"):
        Lock(place, ANN, clock).take()
    with pytest.raises(Failure, match="Bea on birch"):
        Lock(place, replace(ANN, name="Cid", place="cedar"), clock).take()


def test_one_who_slept_through_his_lock_leaves_it_to_the_next_and_says_so() -> None:
    place, clock = Place(MemoryParameters()), Clock()
    with pytest.raises(Failure, match="ended before `lake deploy` did"), held(place, "deploy", clock=clock):
        clock.now += LASTS
        Lock(place, BEA, clock).take()
    with pytest.raises(Failure, match="Bea on birch"):
        Lock(place, ANN, clock).take()


def test_whoever_fails_gives_it_back() -> None:
    place = Place(MemoryParameters())
    with pytest.raises(ValueError, match="broken"), held(place, "deploy"):
        raise ValueError("broken")
    with held(place, "destroy"):
        pass


def test_one_who_is_patient_gets_it_from_one_who_ends() -> None:
    place = Place(MemoryParameters())
    other = Lock(place, BEA)
    other.take()
    with held(place, "deploy", wait=5.0, pause=lambda seconds: other.release()):
        pass
