select station, observed_on, rain_mm, flag from aviation.in_fixed order by station
