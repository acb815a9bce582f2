SELECT 1.5::DOUBLE AS "tripId", NULL::VARCHAR AS legs, {'carrierCode': 'UA'} AS meta
