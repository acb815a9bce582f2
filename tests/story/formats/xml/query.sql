select id, said, height, unit, cardinality(airports) as n from aviation.in_xml order by id
