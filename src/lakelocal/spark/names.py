"""A name of the JVM is looked for once.

Py4J asks for each part of `spark._jvm.org.apache…` whenever it is said, and the JVM then searches every jar for a class
called `org`: a sixth of the processor time of a run on little data.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from py4j.java_gateway import JavaClass, JavaPackage, JVMView


def remember_names() -> None:
    """From now on packages and classes are kept where they were found, for the life of this process."""
    for place in (JVMView, JavaPackage):
        place.__getattr__ = _remembered(place.__getattr__)


def _remembered(look_for: Callable[[Any, str], Any]) -> Callable[[Any, str], Any]:
    def member(place: Any, name: str) -> Any:
        found = look_for(place, name)
        # what has the name of a class and is called a package is not there yet: an import or a jar may bring it
        if isinstance(found, JavaClass) or (isinstance(found, JavaPackage) and name.islower()):
            setattr(place, name, found)
        return found

    return member
