SELECT 1::INTEGER AS "tripId", [{'miles': 5::SMALLINT, 'origin': 'JFK'}, {'miles': NULL, 'origin': 'EWR'}] AS legs, {'carrierCode': 'UA'} AS meta
UNION ALL SELECT 2, [], {'carrierCode': NULL}
UNION ALL SELECT NULL, NULL, NULL
