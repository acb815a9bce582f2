"""What a new version of a dataset says differently, what that means for those who read its table, and for its rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from lakectl.compile import Compiled

Entry = Mapping[str, Any]
Named = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class ContractChange:
    """One dataset. `breaks` are those of its changes that a reader may notice; `readers` are who reads its table,
    directly or not. `rows` says what becomes of rows that are there already; "" if they would come out the same.
    `refusal` is what the registration will answer instead of evolving the table.
    """

    dataset: str
    action: Literal["add", "change", "remove"]
    changes: tuple[str, ...] = ()
    breaks: tuple[str, ...] = ()
    readers: tuple[str, ...] = ()
    rows: str = ""
    refusal: str = ""


def contract_change(name: str, before: Entry, after: Entry, readers: Sequence[str]) -> ContractChange:
    """Two versions of one dataset, compared as the runtime sees them."""
    breaks = [*_columns(before["table"], after["table"]), *_views(before, after)]
    staging, publishing = staging_changes(before, after), publishing_changes(before, after)
    return ContractChange(
        dataset=name,
        action="change",
        changes=(*breaks, *staging, *publishing, *_rest(before, after)),
        breaks=tuple(one for one in breaks if not one.endswith(HARMLESS)),
        readers=tuple(readers),
        rows=_rows(after["table"]["mode"], staging, publishing),
    )


def staging_changes(before: Entry, after: Entry) -> list[str]:
    """What makes another staged file of the same objects."""
    changes = [*_source(before, after), *_transform("light", before["light"], after["light"])]
    return [*changes, *_rules("stage", before, after)]


def publishing_changes(before: Entry, after: Entry) -> list[str]:
    """What makes other rows of the same staged files."""
    changes = [*_table(before["table"], after["table"]), *_transform("table", before["table"], after["table"])]
    return [*changes, *_rules("analytics", before, after)]


HARMLESS = (" is new", " is described differently")


def readers_of(name: str, compiled: Iterable[Compiled]) -> list[str]:
    """The datasets and views that read a dataset's table, directly or through each other, nearest first."""
    datasets = list(compiled)
    found: list[str] = []
    wave = [name]
    while wave:
        nearer = wave.pop(0)
        for one in datasets:
            if nearer in one.inputs and one.name not in found:
                found.append(one.name)
                wave.append(one.name)
            views = (f"view {one.team}.{view['name']}" for view in one.entry["views"] if nearer in view["reads"])
            found += [view for view in views if view not in found]
    return found


def _rows(mode: str, staging: Sequence[str], publishing: Sequence[str]) -> str:
    """Stage is history, and a table that is replaced is made of all of it at every run."""
    if staging:
        return f"what is staged stays as it is, and so do its rows, until its batches are replayed ({staging[0]})"
    if publishing and mode == "replace":
        return f"the next run makes every row anew ({publishing[0]})"
    return f"what is published stays as it is, until it is backfilled ({publishing[0]})" if publishing else ""


def _columns(before: Entry, after: Entry) -> Iterator[str]:
    yield from _named("column", _by_name(before["columns"]), _by_name(after["columns"]), _column)


def _column(before: Entry, after: Entry) -> Iterator[str]:
    if before["type"] != after["type"]:
        yield f"turns from {before['type']} into {after['type']}"
    if before.get("nullable", True) != after.get("nullable", True):
        yield "may now be null" if after.get("nullable", True) else "may no longer be null"
    if before.get("pii", False) != after.get("pii", False):
        yield "is now personal data" if after.get("pii") else "is no longer personal data"
    if before.get("description", "") != after.get("description", ""):
        yield "is described differently"


def _views(before: Entry, after: Entry) -> Iterator[str]:
    yield from _named("view", _by_name(before.get("views", ())), _by_name(after.get("views", ())), _view)


def _view(before: Entry, after: Entry) -> Iterator[str]:
    if before["sql"] != after["sql"]:
        yield "says something else"


def _source(before: Entry, after: Entry) -> Iterator[str]:
    old, new = before["source"], after["source"]
    for name in dict.fromkeys([*old, *new]):
        if old.get(name) != new.get(name):
            yield f"source: {name} turns from {_told(old.get(name))} into {_told(new.get(name))}"
    yield from _named("source column", _by_name(before["schema"]), _by_name(after["schema"]), _source_column)


def _source_column(before: Entry, after: Entry) -> Iterator[str]:
    yield from (one for one in _column(before, after) if not one.endswith(HARMLESS))
    for name in ("format", "at"):
        if before.get(name, "") != after.get(name, ""):
            yield f"is read by another {'format' if name == 'format' else 'place'}"


def _table(before: Entry, after: Entry) -> Iterator[str]:
    for name in ("mode", "keys", "order_by", "delete_when", "validity", "partition", "sort"):
        if before.get(name) != after.get(name):
            yield f"table: {name} turns from {_told(before.get(name))} into {_told(after.get(name))}"


def _transform(step: str, before: Entry, after: Entry) -> Iterator[str]:
    for language, spelled in (("sql", "SQL"), ("python", "Python")):
        if before.get(language, "") != after.get(language, ""):
            yield f"the {spelled} of its {step} transform is another"


def _rules(zone: str, before: Entry, after: Entry) -> Iterator[str]:
    old, new = ({str(one["dqdl"]): one for one in each["rules"] if one["zone"] == zone} for each in (before, after))
    yield from _named(f"{zone} rule", old, new, _rule)


def _rule(before: Entry, after: Entry) -> Iterator[str]:
    if before["on_fail"] != after["on_fail"]:
        yield f"turns from {before['on_fail']} into {after['on_fail']}"
    if before.get("waived_until", "") != after.get("waived_until", ""):
        yield f"is waived until {after['waived_until']}" if after.get("waived_until") else "is no longer waived"


def _rest(before: Entry, after: Entry) -> Iterator[str]:
    for name in ("description", "owner", "trigger", "batch_objects", "batch_bytes", "freshness"):
        if before.get(name) != after.get(name):
            yield f"{name.replace('_', ' ')} turns from {_told(before.get(name))} into {_told(after.get(name))}"


def _named(kind: str, before: Named, after: Named, compare: Callable[[Entry, Entry], Iterable[str]]) -> Iterator[str]:
    for name, one in after.items():
        if name not in before:
            yield f"{kind} {name} is new"
        else:
            yield from (f"{kind} {name} {words}" for words in compare(before[name], one))
    yield from (f"{kind} {name} is gone" for name in before if name not in after)


def _by_name(entries: Iterable[Entry]) -> Named:
    return {str(one["name"]): one for one in entries}


def _told(value: Any) -> str:
    if value in (None, "", [], {}):
        return "nothing"
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {one}" for name, one in value.items())
    return str(value)
