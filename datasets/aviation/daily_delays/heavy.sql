WITH delays AS (
  SELECT
    flight_date,
    origin,
    count(*) AS flights,
    count_if(dep_time IS NULL) AS cancelled,
    round(avg(dep_delay), 6) AS mean_dep_delay,
    round(avg(arr_delay), 6) AS mean_arr_delay
  FROM aviation.flights
  GROUP BY flight_date, origin
),

readings AS (
  SELECT
    make_date(year, month, day) AS reading_date,
    origin,
    round(avg(temp), 6) AS mean_temp,
    round(avg(wind_speed), 6) AS mean_wind_speed,
    round(avg(precip), 6) AS mean_precip,
    round(avg(visib), 6) AS mean_visib
  FROM aviation.weather
  GROUP BY make_date(year, month, day), origin
)

SELECT
  delays.flight_date,
  delays.origin,
  delays.flights,
  delays.cancelled,
  delays.mean_dep_delay,
  delays.mean_arr_delay,
  readings.mean_temp,
  readings.mean_wind_speed,
  readings.mean_precip,
  readings.mean_visib
FROM delays
LEFT JOIN readings
  ON readings.reading_date = delays.flight_date AND readings.origin = delays.origin
