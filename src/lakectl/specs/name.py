"""Names that users give, and the nearest valid word to a misspelt one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches

NAME = re.compile(r"[a-z][a-z0-9_]{0,39}\Z")
LONGEST_SHORT = 12
"""Characters of a domain and of an environment: they become part of the names of buckets, which have 63."""
LONGEST_TEAM = 26
"""What domain and environment leave of the 64 characters that a function, a role and an application may have."""
SHORT_NAME = re.compile(rf"[a-z][a-z0-9]{{0,{LONGEST_SHORT - 1}}}\Z")

_RESERVED_WORDS_TEXT = """
all alter analyse analyze and anti any array as asc asof asymmetric at authorization binary both by case cast
check collate collation column concurrently constraint create cross cube current_catalog current_date
current_path current_role current_schema current_time current_timestamp current_user deallocate default
deferrable delete desc describe distinct do drop else end escape except execute exists extract false fetch for
foreign freeze from full glob group grouping having ilike in initially inner insert intersect into is isnull
join lambda lateral leading left like limit listagg localtime localtimestamp natural normalize not notnull null
offset on only or order outer overlaps pivot pivot_longer pivot_wider placing positional prepare primary qualify
recursive references returning right rollup select semi show similar skip some summarize symmetric table
tablesample then to trailing trim true uescape union unique unnest unpack unpivot using values variadic verbose
when where window with
"""
RESERVED_WORDS = frozenset(_RESERVED_WORDS_TEXT.split())
"""Words that DuckDB or Athena does not take as a bare column name."""

RESERVED_OWNERS = frozenset({"platform", "default", "information_schema", "unclaimed", "claim", "team"})
"""Names that the lake itself uses where a team's or a dataset's would stand."""

DOUBLE = "__try_"
"""What every double of a dataset has in its name, through which `lake verify` sends a sample."""


def problem_with_name(name: str, kind: str) -> str:
    """What is wrong with a team's, a dataset's or a column's name, in words; empty when it is fine."""
    if not NAME.match(name):
        return f"{name!r} is not a name: a small letter first, then up to 39 small letters, digits or underscores."
    if kind == "team" and len(name) > LONGEST_TEAM:
        return f"{name!r} has {len(name)} characters; a team has {LONGEST_TEAM} at most, for names are made of it."
    if name in RESERVED_WORDS or (kind != "column" and name in RESERVED_OWNERS):
        return f"{name!r} is a reserved word."
    if kind == "dataset" and name.endswith("_quarantine"):
        return f"{name!r} ends in '_quarantine', which names the table of rows set aside."
    if kind == "dataset" and DOUBLE in name:
        return f"{name!r} has '{DOUBLE}' in it, which names the doubles that samples go through."
    if kind == "column" and name in ("staged", "source"):
        return f"{name!r} is the name of the view that transforms read."
    return ""


def nearest(word: str, known: Iterable[str], synonyms: Mapping[str, str] | None = None) -> str:
    """The hint for a word that is not among the known ones. `synonyms` are words of other tools."""
    words = sorted(known)
    same = (synonyms or {}).get(word.lower())
    close = [same] if same else get_close_matches(word.lower(), words, n=1, cutoff=0.6)
    guess = f"Did you mean {close[0]!r}? " if close else ""
    listed = ", ".join(words) if len(words) <= 40 else ", ".join(words[:40]) + ", …"
    return f"{guess}Known: {listed}." if words else "There is none."


def with_article(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"
