"""What a person stands in front of: a folder, credentials, an account, a keyboard."""

from __future__ import annotations

import io
import socket
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from unit.specs.project import PORTS, change, write, write_project

OURS, ANOTHER, LAPTOP = "123456789012", "999999999999", "000000000000"
"""The account that moto plays, one that it is not, and that of every laptop."""
Place = Callable[[Path, pytest.MonkeyPatch], Path]
"""Makes a folder what it has to be, and gives the folder to type in."""

KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")


def nowhere(folder: Path, person: pytest.MonkeyPatch) -> Path:
    """Outside of any repository."""
    return folder


def project(folder: Path, person: pytest.MonkeyPatch) -> Path:
    """A project whose account is there, and to which nothing is deployed. Some odd files lie beside it."""
    write_project(folder)
    write(folder, "odd/ships.csv", "imo,name,built\n")
    write(folder, "odd/report.sql", "select 1\n")
    write(folder, "odd/again/ships.csv", "imo,name,built\n")
    write(folder, "odd/empty.json", "")
    write(folder, "odd/half.json", '{"team": "sea",\n  "dataset": ')
    write(folder, "odd/list.json", "[1, 2]")
    (folder / "odd/bytes.json").write_bytes(b"\xff\xfe{}")
    (folder / "odd/unreadable.csv").symlink_to("/proc/self/mem")
    return folder


def standing(folder: Path, person: pytest.MonkeyPatch) -> Path:
    """A project whose platform is deployed, and holds nothing yet."""
    project(folder, person)
    change(folder, "lake.yaml", "domain: lake", "domain: tidal")
    return folder


def another_account(folder: Path, person: pytest.MonkeyPatch) -> Path:
    """A project of an account that the credentials are not of."""
    return _in_account(ANOTHER, folder, person)


def laptop(folder: Path, person: pytest.MonkeyPatch) -> Path:
    """A project for the cloud on this laptop, which does not run."""
    return _in_account(LAPTOP, folder, person)


def keyless(folder: Path, person: pytest.MonkeyPatch) -> Path:
    """A project on AWS, and no credentials."""
    for name in KEYS:
        person.delenv(name, raising=False)
    person.setenv("AWS_SHARED_CREDENTIALS_FILE", str(folder / "none"))
    person.setenv("AWS_EC2_METADATA_DISABLED", "true")
    return project(folder, person)


def no_such_profile(folder: Path, person: pytest.MonkeyPatch) -> Path:
    """A misspelt AWS_PROFILE."""
    person.setenv("AWS_PROFILE", "prodd")
    return project(folder, person)


def misspelt_variable(folder: Path, person: pytest.MonkeyPatch) -> Path:
    """A misspelt LAKE_ENV."""
    person.setenv("LAKE_ENV", "de")
    return project(folder, person)


def empty_lake_yaml(folder: Path, person: pytest.MonkeyPatch) -> Path:
    return _with("lake.yaml", "", folder, person)


def broken_lake_yaml(folder: Path, person: pytest.MonkeyPatch) -> Path:
    """A misspelt key in lake.yaml."""
    project(folder, person)
    change(folder, "lake.yaml", "account:", "acount:")
    return folder


def on_github(folder: Path, person: pytest.MonkeyPatch) -> Path:
    """A project whose repository is behind a connection."""
    project(folder, person)
    lake = (folder / "lake.yaml").read_text()
    write(folder, "lake.yaml", f"{lake}cicd: {{provider: GitHub, repository: acme/lake}}\n")
    return folder


def tabbed_lake_yaml(folder: Path, person: pytest.MonkeyPatch) -> Path:
    return _with("lake.yaml", "organisation: example\ndomain: lake\nenvironments:\n\tdev: {}\n", folder, person)


def folder_lake_yaml(folder: Path, person: pytest.MonkeyPatch) -> Path:
    """lake.yaml is a folder."""
    (folder / "lake.yaml").mkdir()
    return folder


def no_environment(folder: Path, person: pytest.MonkeyPatch) -> Path:
    return _with("lake.yaml", "organisation: example\ndomain: lake\nenvironments: {}\n", folder, person)


def broken_dataset(folder: Path, person: pytest.MonkeyPatch) -> Path:
    """A type that is none, in a dataset."""
    project(folder, person)
    change(folder, PORTS, "type: timestamp", "type: timestmp")
    return folder


def broken_sql(folder: Path, person: pytest.MonkeyPatch) -> Path:
    """A column that is none, in a dataset's SQL."""
    project(folder, person)
    change(folder, "datasets/sea/ports/light.sql", "upper(port)", "upper(prt)")
    return folder


def latin_dataset(folder: Path, person: pytest.MonkeyPatch) -> Path:
    """A dataset's file in an old encoding."""
    project(folder, person)
    (folder / PORTS).write_bytes((folder / PORTS).read_bytes().replace(b"Calls", b"Caf\xe9s"))
    return folder


def latin_template(folder: Path, person: pytest.MonkeyPatch) -> Path:
    """A template in an old encoding."""
    project(folder, person)
    write(folder, "foundations/events.yaml", "")
    (folder / "foundations/events.yaml").write_bytes(b"# Caf\xe9s\nAWSTemplateFormatVersion: x\nResources: {}\n")
    return folder


def no_team(folder: Path, person: pytest.MonkeyPatch) -> Path:
    """A project before its first team and dataset."""
    write_project(folder / "whole")
    write(folder, "lake.yaml", (folder / "whole/lake.yaml").read_text())
    return folder


def odd_shell(folder: Path, person: pytest.MonkeyPatch) -> Path:
    """SHELL names no program, and SAM CLI is there."""
    person.setenv("SHELL", "/bin/fsh")
    write(folder, ".lake/envs/sam/bin/sam", "")
    return project(folder, person)


def taken_port(folder: Path, person: pytest.MonkeyPatch) -> Path:
    """An installed cloud, on whose port another program listens."""
    write(folder, ".lake/envs/cloud/bin/python", "")
    write(folder, ".lake/cloud/port", str(_taken()))
    return laptop(folder, person)


def odd_port(folder: Path, person: pytest.MonkeyPatch) -> Path:
    """An installed cloud, whose port somebody has overwritten."""
    write(folder, ".lake/envs/cloud/bin/python", "")
    write(folder, ".lake/cloud/port", "http\n")
    return laptop(folder, person)


def odd_state(folder: Path, person: pytest.MonkeyPatch) -> Path:
    """The folder of what is installed is a file."""
    write(folder, ".lake", "")
    return laptop(folder, person)


@cache
def _taken() -> int:
    """A port that is taken until this process ends."""
    probe = socket.socket()
    probe.bind(("127.0.0.1", 0))
    probe.listen()
    port = int(probe.getsockname()[1])
    probe.detach()
    return port


def at_terminal(typed: str, there: Place) -> Place:
    """The same, with a person at the keyboard who answers this; "" is Ctrl-C."""

    def made(folder: Path, person: pytest.MonkeyPatch) -> Path:
        person.setattr(sys, "stdin", Keyboard(typed))
        return there(folder, person)

    made.__name__ = f"{there.__name__} at a terminal, {typed.strip() or 'Ctrl-C'}"
    return made


class Keyboard(io.StringIO):
    """What a person types into a terminal."""

    def isatty(self) -> bool:
        return True

    def readline(self, size: int | None = -1, /) -> str:
        line = super().readline(size if size is not None else -1)
        if not line:
            raise KeyboardInterrupt
        return line


def _with(name: str, text: str, folder: Path, person: pytest.MonkeyPatch) -> Path:
    project(folder, person)
    write(folder, name, text)
    return folder


def _in_account(account: str, folder: Path, person: pytest.MonkeyPatch) -> Path:
    project(folder, person)
    change(folder, "lake.yaml", OURS, account)
    return folder
