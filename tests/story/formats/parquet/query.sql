select trip, cardinality(legs) as legs, carrier from aviation.in_parquet order by trip
