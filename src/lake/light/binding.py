"""Records with named fields, such as JSON's and Avro's, become the cells of the declared columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lake.core.contract import Column
from lake.core.type import Type, parse_type
from lake.light.value import Misfit, Repeated, shown, spelled

ABSENT = object()


def path_of(place: str) -> tuple[str, ...]:
    """The keys on the way to a field: `$.plane.tail` goes into an object, anything else is one key."""
    return tuple(place[2:].split(".")) if place.startswith("$.") else (place,)


@dataclass(frozen=True, slots=True)
class Leaf:
    """The end of a way: a column, by its place among the columns."""

    number: int
    column: Column
    type: Type


Branch = dict[str, Any]
"""Key → Leaf, or the Branch of an object that columns are taken out of."""


class Binding:
    """Takes records apart. `ignore_extra` passes over fields that no column declares; `require_all` lets none miss."""

    def __init__(self, schema: Sequence[Column], options: Mapping[str, Any]) -> None:
        self._width = len(schema)
        self._ignore_extra = bool(options.get("ignore_extra"))
        self._require_all = bool(options.get("require_all"))
        self._tree: Branch = {}
        for number, column in enumerate(schema):
            *way, last = path_of(column.place)
            branch = self._tree
            for key in way:
                branch = branch.setdefault(key, {})
            branch[last] = Leaf(number, column, parse_type(column.type))

    def cells(self, record: object) -> list[str | None]:
        """One text for each column, None for null. Raises Misfit with everything that is wrong."""
        if not isinstance(record, Mapping):
            raise Misfit(f"the record is {shown(record)}, not an object")
        cells: list[str | None] = [None] * self._width
        wrong: list[str] = []
        self._fill(cells, wrong, record, self._tree, "")
        if wrong:
            raise Misfit("; ".join(wrong[:20]))
        return cells

    def _fill(
        self, cells: list[str | None], wrong: list[str], record: Mapping[str, Any], branch: Branch, under: str
    ) -> None:
        if isinstance(record, Repeated):
            wrong.append(f"{under}{record.key}: stands more than once")
        for key, goal in branch.items():
            value = record.get(key, ABSENT)
            if isinstance(goal, Leaf):
                self._put(cells, wrong, value, goal)
            elif isinstance(value, Mapping):
                self._fill(cells, wrong, value, goal, f"{under}{key}.")
            elif value is not None and value is not ABSENT:
                wrong.append(f"{under}{key}: {shown(value)} is not an object, which its columns are taken out of")
            elif self._require_all:
                wrong.append(f"{under}{key}: is missing")
        if not self._ignore_extra and len(record) > sum(key in record for key in branch):
            wrong += [f"{under}{key}: is not declared" for key in record if key not in branch]

    def _put(self, cells: list[str | None], wrong: list[str], value: Any, goal: Leaf) -> None:
        if value is ABSENT:
            if self._require_all:
                wrong.append(f"{goal.column.name}: is missing")
            value = None
        try:
            cells[goal.number] = spelled(value, goal.type, goal.column.name)
        except Misfit as misfit:
            wrong.append(str(misfit))
