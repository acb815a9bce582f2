"""Strict YAML 1.2: nothing is guessed, nothing unfolds, everything has a place (F58, F59, F60)."""

from __future__ import annotations

import pytest

from lakectl.specs.document import MOST_BYTES, Place, read_document
from lakectl.specs.finding import BrokenSpecs


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: NO", "NO"),
        ("a: yes", "yes"),
        ("a: 0123", "0123"),
        ("a: 12:30:45", "12:30:45"),
        ("a: 2026-01-31", "2026-01-31"),
        ("a: 1_000", "1_000"),
        ("a: '1'", "1"),
        ("a: 1", 1),
        ("a: -1.5", -1.5),
        ("a: 1e3", 1000.0),
        ("a: true", True),
        ("a: null", None),
        ("a: ~", None),
        ("a:", None),
        ("a: 123456789012345678901234567890", "123456789012345678901234567890"),
    ],
)
def test_plain_values_are_those_of_yaml_1_2_f59(text: str, value: object) -> None:
    found = read_document("x.yaml", text).data["a"]
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: 2\na: 3", "x.yaml:3:1: the key 'a' stands twice; first in line 1. Keep one."),
        ("a: &x 1\nb: *x", "x.yaml:1:4: anchors and aliases are refused. Write the value out."),
        ("a: *x", "x.yaml:1:4: anchors and aliases are refused. Write the value out."),
        (
            "a: !!python/object:os.system x",
            "x.yaml:1:4: the tag 'tag:yaml.org,2002:python/object:os.system' is refused.",
        ),
        ("<<: {a: 1}", "x.yaml:1:1: merge keys are not YAML 1.2. Write the values out."),
        ("a: 1\n---\nb: 2", "x.yaml:2:1: a second document begins here. Keep one document in a file."),
        ("1: a", "x.yaml:1:1: a key must be text. Put it in quotes."),
        ("? [a]\n: b", "x.yaml:1:3: a key must be text. Put it in quotes."),
        ("a: [b", "not YAML: did not find expected ',' or ']'."),
        ("a: 'b", "not YAML: found unexpected end of stream."),
        ("a:\n\tb: 1", "x.yaml:2:1: not YAML: a tab stands here. Indent with spaces."),
        ("a: \x07", "not YAML:"),
        ("[" * 40 + "]" * 40, "x.yaml:1:34: nested deeper than 32 levels. Nothing here needs that."),
        ("a: [" + "1," * 20_001 + "]", "more than 20000 values. Split the file."),
        ("a: " + "x" * MOST_BYTES, "the file is larger than 256 KB. Split it."),
    ],
)
def test_what_is_not_plain_yaml_is_refused_with_its_place_f58_f60(text: str, message: str) -> None:
    with pytest.raises(BrokenSpecs) as raised:
        read_document("x.yaml", text)
    assert message in str(raised.value)


def test_deep_nesting_is_refused_before_it_costs_anything_f58() -> None:
    with pytest.raises(BrokenSpecs, match=r"nested deeper|not YAML"):
        read_document("x.yaml", "[" * 100_000)


def test_every_value_keeps_its_place() -> None:
    document = read_document("x.yaml", "a:\n  - b: 1\n    c: 'two'\n")
    assert document.place("a", 0, "b") == Place(2, 8)
    assert document.keys[("a", 0, "c")] == Place(3, 5)
    assert document.place("a", 0, "missing") == Place(2, 5)


def test_a_text_knows_the_column_of_each_of_its_characters() -> None:
    document = read_document("x.yaml", "a: 'one two'\nb: 'it''s'\n")
    plain, escaped = document.text(("a",), "one two"), document.text(("b",), "it's")
    assert (plain.finding(4, "").line, plain.finding(4, "").column) == (1, 9)
    assert (escaped.finding(3, "").line, escaped.finding(3, "").column) == (2, 4)
