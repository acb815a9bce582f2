"""A place in MiniStack that one of our modules relies on, checked before the host starts."""

from __future__ import annotations

import importlib
import inspect
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Hook:
    """A place in MiniStack that we rely on; `parameters` are the names that its signature must have."""

    module: str
    attribute: str
    parameters: tuple[str, ...] | None = None

    def misfit(self) -> str | None:
        """What is wrong with this hook in the MiniStack that is installed, or None."""
        try:
            target: Any = importlib.import_module(self.module)
            for part in self.attribute.split("."):
                target = getattr(target, part)
        except (ImportError, AttributeError) as error:
            return f"{self.module}.{self.attribute}: {error}"
        if self.parameters is None:
            return None
        found = tuple(inspect.signature(target).parameters)
        if found != self.parameters:
            return f"{self.module}.{self.attribute} takes {found}, expected {self.parameters}"
        return None
