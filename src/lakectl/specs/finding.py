"""What was found wrong in a user's files, with its place, and how that is shown."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Literal

from lake.core.errors import SpecError

Level = Literal["error", "warning"]


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One mistake. `path` is relative to the project; `line` and `column` count from 1; `where` names the setting.

    `hint` is the next step: the nearest valid word, or what to write instead.
    """

    path: str
    line: int
    column: int
    where: str
    message: str
    hint: str = ""
    level: Level = "error"

    def __str__(self) -> str:
        kind = "warning: " if self.level == "warning" else ""
        name = f"{self.where}: " if self.where else ""
        return f"{self.path}:{self.line}:{self.column}: {kind}{name}{self.message}" + (
            f" {self.hint}" if self.hint else ""
        )


class Findings(tuple[Finding, ...]):
    """All findings of all files, sorted by place."""

    __slots__ = ()

    @classmethod
    def of(cls, found: Iterable[Finding]) -> Findings:
        return cls(sorted(set(found)))

    @property
    def errors(self) -> Findings:
        return Findings(one for one in self if one.level == "error")

    @property
    def warnings(self) -> Findings:
        return Findings(one for one in self if one.level == "warning")

    def text(self) -> str:
        return "\n".join(str(one) for one in self)

    def json(self) -> str:
        return json.dumps([asdict(one) for one in self], indent=2, ensure_ascii=False)


class BrokenSpecs(SpecError):
    """The user's files cannot be compiled; `findings` says why, and so does the message."""

    def __init__(self, findings: Findings) -> None:
        count = len(findings.errors)
        super().__init__(f"{findings.errors.text()}\n{count} {'mistake' if count == 1 else 'mistakes'} to correct.")
        self.findings = findings

    @classmethod
    def of(cls, *findings: Finding) -> BrokenSpecs:
        return cls(Findings.of(findings))
