-- Names that say what they hold, and words in place of one-letter codes.
SELECT
  faa,
  name,
  lat,
  lon,
  alt AS altitude_feet,
  tz AS utc_offset,
  CASE dst WHEN 'A' THEN 'yes' WHEN 'N' THEN 'no' END AS daylight_saving,
  tzone AS time_zone
FROM source
