"""Questions to Athena: teams become databases and back, and nothing is changed by asking."""

from __future__ import annotations

import pytest

from lakectl.failure import Failure
from lakectl.question import Question, question


def asked(sql: str) -> Question:
    return question(sql, ["aviation", "sea"], "lake", "dev")


@pytest.mark.parametrize(
    ("sql", "resolved"),
    [
        ("select * from aviation.flights", "select * from lake_dev_aviation.flights"),
        ("select aviation.flights.day from aviation . flights", None),
        ("select 'aviation.flights', \"aviation.x\"", "select 'aviation.flights', \"aviation.x\""),
        ("select 1 -- aviation.flights\n/* sea.x */", "select 1 -- aviation.flights\n/* sea.x */"),
        ("select a.aviation.x from other.aviation.x a", "select a.aviation.x from other.aviation.x a"),
        ("SHOW TABLES IN aviation", "SHOW TABLES IN lake_dev_aviation"),
        ("show columns from flights from sea", "show columns from flights from lake_dev_sea"),
        ("select * from aviation", "select * from aviation"),
    ],
)
def test_only_a_team_before_a_dot_or_of_a_show_is_resolved(sql: str, resolved: str | None) -> None:
    expected = resolved or "select lake_dev_aviation.flights.day from lake_dev_aviation . flights"
    assert asked(sql).resolved == expected


def test_the_tables_of_a_question_are_known() -> None:
    found = asked('select * from aviation.flights, sea."ports" where aviation.flights.x = 1').tables
    assert found == (("aviation", "flights"), ("sea", "ports"), ("aviation", "flights"))


def test_places_and_names_in_an_answer_are_those_that_the_user_wrote() -> None:
    one = asked("select 1\nfrom sea.ports p join sea.ships s on p.nam = s.nam")
    at = one.resolved.splitlines()[1].index("p.nam") + 1
    words = one.said(f"line 2:{at}: Column 'p.nam' of 'awsdatacatalog.lake_dev_sea.ports' (line 1:8)")
    written = one.sql.splitlines()[1].index("p.nam") + 1
    assert words == f"line 2:{written}: Column 'p.nam' of 'sea.ports' (line 1:8)"


@pytest.mark.parametrize(
    "sql", ["drop table sea.ports", " -- well\n/* so */ Insert into sea.ports values (1)", "vacuum x"]
)
def test_a_question_that_would_change_something_is_refused(sql: str) -> None:
    with pytest.raises(Failure, match=r"asks and changes nothing, so [A-Z]+ is refused"):
        asked(sql).check()


@pytest.mark.parametrize("sql", ["", "  ;\n", "-- only words"])
def test_an_empty_question_is_refused(sql: str) -> None:
    with pytest.raises(Failure, match="nothing to ask"):
        asked(sql).check()


@pytest.mark.parametrize("sql", ["select 1; select 2", "select ';' ;\n-- next\nselect 2;", "select 1;select 2;"])
def test_two_questions_are_asked_one_by_one(sql: str) -> None:
    with pytest.raises(Failure, match="these are 2"):
        asked(sql).check()


@pytest.mark.parametrize("sql", ["select 1;", "select ';'; -- done; really", '/* a; b */ select ";" ;;\n'])
def test_a_semicolon_alone_makes_no_second_question(sql: str) -> None:
    asked(sql).check()


@pytest.mark.parametrize(
    "sql", ["select 'drop table x'", "with a as (select 1) select * from a", "selct 1", "(select 1)"]
)
def test_any_other_question_is_left_to_athena(sql: str) -> None:
    asked(sql).check()
    assert asked(sql).resolved == sql
