"""A plan in words: a tree on a terminal, Markdown that obeys nobody."""

from __future__ import annotations

from lakectl.plan.contract import ContractChange
from lakectl.plan.difference import Difference
from lakectl.plan.node import drawn, markdown, tree_of
from lakectl.plan.plan import Plan, StackChange
from lakectl.plan.resource import ResourceChange

LONG = "s3://bucket/" + "folder/" * 20
CHANGED = ResourceChange("Role", "AWS::IAM::Role", "change", (Difference(("Path",), LONG + "a", LONG + "b"),))
GONE = ResourceChange("Queue", "AWS::SQS::Queue", "remove")
PLAN = Plan(
    "dev",
    3,
    (
        StackChange("lake-dev-room", "room", "platform", "change", (CHANGED, GONE)),
        StackChange("lake-dev-new", "room", "platform", "add", (CHANGED,), contract=ContractChange("a_b.c", "add")),
    ),
    ("lake-dev-old",),
)


def lines() -> list[str]:
    return [line for line, _ in drawn(tree_of(PLAN))]


def test_a_tree_says_what_comes_changes_and_goes() -> None:
    assert lines() == [
        "dev: 1 to add, 1 to change; 3 stacks in all",
        "├─ ~ lake-dev-room",
        "│  ├─ ~ Role (AWS::IAM::Role)",
        "│  │  └─ Path: …r/folder/folder/a → …r/folder/folder/b",
        "│  └─ - Queue (AWS::SQS::Queue): it is removed; messages that wait are lost",
        "├─ + lake-dev-new",
        "│  ├─ 1 resource",
        "│  └─ dataset a_b.c is new",
        "└─ lake-dev-old: nothing asks for it; `lake destroy lake-dev-old` takes it away",
    ]


def test_data_that_would_be_lost_stands_out() -> None:
    tones = {tone for line, tone in drawn(tree_of(PLAN)) if "lost" in line}
    assert tones == {"!"}


def test_markdown_takes_no_orders_from_values() -> None:
    evil = ResourceChange("@everyone", "<script>", "change", (Difference(("a",), "**x**", "[y](z)&\n# h"),))
    text = markdown(tree_of(Plan("dev", 1, (StackChange("s", "r", "p", "change", (evil,)),))))
    assert not {"@", "<", "*", "[", "\n# "} & set(text.replace("**", "")) and "\n# " not in text
    assert "&#64;everyone" in text


def test_nothing_is_said_to_be_nothing() -> None:
    assert list(drawn(tree_of(Plan("dev", 3, ())))) == [("dev: nothing to do; 3 stacks in all", "")]
