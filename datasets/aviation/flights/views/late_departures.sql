-- Flights that left more than an hour late, with the airline's name.
SELECT
  flights.flight_date,
  airlines.name AS airline,
  flights.carrier,
  flights.flight,
  flights.origin,
  flights.dest,
  flights.dep_delay
FROM aviation.flights AS flights
LEFT JOIN aviation.airlines AS airlines ON airlines.carrier = flights.carrier
WHERE flights.dep_delay > 60
