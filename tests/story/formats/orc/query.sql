select trip, hour(booked) as booked, fare, array_join(stops, '+') as stops from aviation.in_orc order by trip
