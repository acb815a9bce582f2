"""JSON as it was written: numbers keep their digits, repeated keys and NaN are marked and not smoothed over."""

from __future__ import annotations

import json
from collections.abc import Sequence

from lake.light.value import Number, Repeated, Unknown


def _object(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    return found if len(found) == len(pairs) else Repeated(pairs)


DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=Number, parse_float=Number, parse_constant=Unknown, strict=True
)
"""Format: RFC 8259. Control characters in strings are refused, as there."""


class NotJson(ValueError):
    """A text that is no JSON; the message says where and why."""


def json_value(text: str) -> object:
    """The one value of a text. Raises NotJson."""
    try:
        return DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise NotJson(f"not JSON at character {error.pos + 1}: {error.msg}") from error
    except RecursionError as error:
        raise NotJson("not read: nested too deeply") from error
