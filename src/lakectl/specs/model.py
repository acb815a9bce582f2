"""The ground that all models of YAML files stand on: frozen, strict, unknown keys refused."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, WithJsonSchema
from pydantic_core import PydanticCustomError

from lakectl.specs.name import LONGEST_TEAM, NAME, SHORT_NAME, nearest, problem_with_name, with_article


class Spec(BaseModel):
    """A mapping in a YAML file. `NOT_BUILT` names keys that this version refuses by name, with the way out.

    `ELSEWHERE` names keys that belong to another mapping, and says how they are written there.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, populate_by_name=True)
    NOT_BUILT: ClassVar[dict[str, str]] = {}
    ELSEWHERE: ClassVar[dict[str, str]] = {}


def tuple_of(value: Any) -> Any:
    """YAML gives lists; frozen models hold tuples."""
    return tuple(value) if isinstance(value, list) else value


Listed = BeforeValidator(tuple_of)
Texts = Annotated[tuple[str, ...], Listed]


def matching(pattern: str, what: str, example: str) -> BeforeValidator:
    """Checks the form of a text."""

    def check(value: Any) -> Any:
        if isinstance(value, str) and re.fullmatch(pattern, value) is None:
            context = {"value": repr(value), "what": what, "hint": f"Write it like '{example}'."}
            raise PydanticCustomError("pattern", "{value} is not {what}.", context)
        return value

    return BeforeValidator(check)


def name_of_kind(kind: str) -> BeforeValidator:
    """Checks a team's, a dataset's or a column's name."""

    def check(value: Any) -> Any:
        problem = problem_with_name(value, kind) if isinstance(value, str) else ""
        if problem:
            raise PydanticCustomError("name", "{problem}", {"problem": problem, "hint": "Choose another name."})
        return value

    return BeforeValidator(check)


def one_of(
    noun: str,
    known: tuple[str, ...],
    not_built: Mapping[str, str] | None = None,
    synonyms: Mapping[str, str] | None = None,
) -> BeforeValidator:
    """Checks a word against a list; a word that is designed but not built is refused by name, with the way out."""

    def check(value: Any) -> Any:
        check_word(value, noun, known, not_built, synonyms)
        return value

    return BeforeValidator(check)


def check_word(
    value: Any,
    noun: str,
    known: tuple[str, ...],
    not_built: Mapping[str, str] | None = None,
    synonyms: Mapping[str, str] | None = None,
    at: str = "",
) -> None:
    """Raises if `value` is a word that is not known; `at` is the key that it stands at, if that is not here."""
    if not isinstance(value, str) or value in known:
        return
    if not_built and value in not_built:
        context = {"value": f"{noun} {value!r}", "hint": not_built[value], "at": at}
        raise PydanticCustomError("not_built", "{value} is not built yet.", context)
    hint = nearest(value, known, synonyms)
    context = {"value": repr(value), "noun": with_article(noun), "hint": hint, "at": at}
    raise PydanticCustomError("not_one_of", "{value} is not {noun}.", context)


def _short_name(value: Any) -> Any:
    if isinstance(value, str) and not SHORT_NAME.match(value):
        rule = "a small letter, then up to 11 small letters or digits: it becomes part of bucket names."
        raise PydanticCustomError("name", "{value} is not a name: {rule}", {"value": repr(value), "rule": rule})
    return value


_NAME_SCHEMA = WithJsonSchema({"type": "string", "pattern": f"^{NAME.pattern}".replace(r"\Z", "$")})
_TEAM_SCHEMA = WithJsonSchema({"type": "string", "pattern": f"^[a-z][a-z0-9_]{{0,{LONGEST_TEAM - 1}}}$"})

TeamName = Annotated[str, name_of_kind("team"), _TEAM_SCHEMA]
DatasetName = Annotated[str, name_of_kind("dataset"), _NAME_SCHEMA]
ColumnName = Annotated[str, name_of_kind("column"), _NAME_SCHEMA]
ShortName = Annotated[str, BeforeValidator(_short_name)]
