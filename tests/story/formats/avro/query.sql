select booking, fare, booked_at, names[1] as name, cabin from aviation.in_avro order by booking
