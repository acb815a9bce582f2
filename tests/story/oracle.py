"""What must come out, computed from the delivered files by plain DuckDB; it shares no code with the lake."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

DAILY_DELAYS = """
with delays as (
  select make_date(year, month, day) as flight_date, origin, count(*) as flights,
    count(*) filter (dep_time is null) as cancelled, avg(dep_delay) as dep, avg(arr_delay) as arr
  from flights group by all
), readings as (
  select make_date(year, month, day) as flight_date, origin, avg("temp") as t, avg(wind_speed) as w, avg(precip) as p,
    avg(visib) as v
  from weather group by all
)
select cast(flight_date as varchar) as flight_date, origin, flights, cancelled, dep, arr, t, w, p, v
from delays left join readings using (flight_date, origin) order by flight_date, origin
"""
PUNCTUALITY = """
with seats as (
  select carrier, count(*) as planes, avg(seats) as seats
  from (select distinct carrier, tailnum from flights where tailnum is not null) left join planes using (tailnum)
  group by carrier
)
select carrier, first(airlines.name) as name, count(*) as flights, avg(arr_delay) as arr,
  avg(cast(arr_delay <= 15 as int)) as on_time, first(seats.planes) as planes, first(seats.seats) as seats
from flights left join airlines using (carrier) left join seats using (carrier) group by carrier order by carrier
"""


def oracle(flights: Sequence[Path], package: Path) -> duckdb.DuckDBPyConnection:
    """The tables as they must be; rows whose time of departure is no number are none."""
    made = duckdb.connect()
    made.execute(
        """create table flights as select * replace (try_cast(dep_time as int) as dep_time)
        from read_csv(?, types = {'dep_time': 'varchar'}, nullstr = 'NA', header = true)
        where dep_time is null or try_cast(dep_time as int) is not null""",
        [[str(path) for path in flights]],
    )
    for name in ("weather", "planes", "airports", "airlines"):
        made.execute(f"create table {name} as from read_csv('{package / name}.csv', nullstr = 'NA', header = true)")
    return made


def rows_of(made: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[Any, ...]]:
    return made.execute(sql).fetchall()
