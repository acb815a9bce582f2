select tail, seats, price from aviation.in_json order by tail
