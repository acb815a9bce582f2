-- What analysts ask most: the day as a date, and whether the flight was late.
SELECT
  *,
  make_date(year, month, day) AS flight_date,
  arr_delay > 15 AS delayed
FROM staged
