select gate, opens, rent, seats from aviation.in_excel order by gate
