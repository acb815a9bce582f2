"""How files of a format are written: the options of a drop source."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from lakectl.specs.model import Spec, Texts, one_of

ENCODINGS = ("utf-8", "latin-1", "utf-16")
OneCharacter = Annotated[str, Field(min_length=1, max_length=1)]


class Options(Spec):
    """Options of CSV; Parquet has none. Only what is written is compiled: the reader knows its defaults.

    `null_values` are the spellings of null; without it, an empty cell is null. `skip` is a number of lines before the
    header. `max_ratio` bounds how far a compressed file may unfold, `max_line_bytes` how long a line may be.
    """

    delimiter: OneCharacter | None = None
    quote: OneCharacter | None = None
    escape: OneCharacter | None = None
    header: bool | None = None
    null_values: Texts | None = None
    true_values: Texts | None = None
    false_values: Texts | None = None
    encoding: Annotated[Literal["utf-8", "latin-1", "utf-16"], one_of("encoding", ENCODINGS)] | None = None
    skip: Annotated[int, Field(ge=0)] | None = None
    max_ratio: Annotated[int, Field(ge=1)] | None = None
    max_line_bytes: Annotated[int, Field(ge=1)] | None = None

    def written(self) -> dict[str, Any]:
        """What the user wrote, as JSON holds it."""
        return self.model_dump(mode="json", exclude_none=True)
