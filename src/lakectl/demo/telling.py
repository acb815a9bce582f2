"""The demo's last screen: what became of each file, the answer, a picture, and what to try next."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date

from rich.panel import Panel

from lake.core.fate import Fate
from lakectl import athena
from lakectl.commands.trace import trace
from lakectl.demo.flights import CORRECTED_DAY, SPOILT_DAY, TRUNCATED_DAY
from lakectl.demo.journey import TEAM, Journey
from lakectl.demo.plot import plot
from lakectl.opened import opened
from lakectl.screen import screen, show_table
from lakectl.target import Target

EXPECTED = {"flights": 336_769, "flights_quarantine": 7}
ANSWER = """
select origin, count(*) as days, sum(flights) as flights, round(avg(mean_dep_delay), 2) as mean_delay
from aviation.daily_delays group by origin order by origin
"""
DELAYS = "select flight_date as day, avg(dep_delay) as delay from aviation.flights group by flight_date order by 1"


def tell(journey: Journey) -> int:
    """Show the end; the exit code is 0 only if the counts are right."""
    target = journey.target
    screen.rule("what became of the files")
    _ends(target, journey)
    screen.rule("what Athena says")
    counts = {table: _count(target, table) for table in EXPECTED}
    for table, rows in counts.items():
        right = "[green]✓[/green]" if rows == EXPECTED[table] else f"[red]✗ expected {EXPECTED[table]:,}[/red]"
        screen.print(f"  {TEAM}.{table}: {rows:,} rows {right}")
    show_table(athena.ask(target, ANSWER, {TEAM}).rows)
    _picture(target, journey)
    screen.rule("seconds")
    for words, seconds in journey.seconds.items():
        screen.print(f"  {seconds:6.1f}  {words}")
    screen.print(f"  {sum(journey.seconds.values()):6.1f}  in all")
    _next()
    return 0 if counts == EXPECTED else 1


def _ends(target: Target, journey: Journey) -> None:
    lake = opened(target)
    keys = sorted({address.partition("/")[2].partition("/")[2].partition("/")[2] for address in journey.dropped})
    with ThreadPoolExecutor(8) as pool:
        stories = list(pool.map(lambda key: trace(lake, key), keys))
    latest = {story.key: story.chapters[-1] for story in stories}
    ends = Counter(chapter.fate.state for story in stories for chapter in story.chapters)
    show_table([{"end": end, "object versions": number} for end, number in sorted(ends.items())])
    shown = (f"{SPOILT_DAY}.csv", f"{TRUNCATED_DAY}-copy.csv.gz", "2013-07-04-again.csv", f"{CORRECTED_DAY}.csv")
    rows = [
        _line(story.key, chapter.fate, chapter.counts.message if chapter.counts else "")
        for story in stories
        for chapter in story.chapters
        if story.key.endswith(shown) or latest[story.key].fate.state == "unclaimed"
    ]
    show_table(rows)


def _line(key: str, fate: Fate, message: str) -> dict[str, str]:
    return {"object": key, "end": fate.state, "why": message or fate.reason}


def _count(target: Target, table: str) -> int:
    sql = f"select count(*) as n from {TEAM}.{table}"  # noqa: S608 - the names are ours
    return int(athena.ask(target, sql, {TEAM}).rows[0]["n"])


def _picture(target: Target, journey: Journey) -> None:
    rows = athena.ask(target, DELAYS, {TEAM}).rows
    points = [(date.fromisoformat(row["day"]), float(row["delay"])) for row in rows if row["delay"] is not None]
    picture = journey.folder / "delays.svg"
    picture.write_text(plot("How late flights left New York City in 2013, day by day", "minutes", points))
    screen.print(f"  picture: {picture.relative_to(journey.root)}")


def _next() -> None:
    lines = (
        '.venv/bin/lake query "select name, flights, on_time_share from aviation.carrier_punctuality order by 3 desc"',
        f".venv/bin/lake trace aviation/flights/{CORRECTED_DAY}.csv",
        ".venv/bin/lake status",
        ".venv/bin/lake local down     [dim]# stop the local AWS and keep its state[/dim]",
    )
    screen.print(Panel("\n".join(lines), title="next", title_align="left", expand=False))
