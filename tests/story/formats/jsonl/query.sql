select id, zip, seen_at, position.lat as lat, tags[2] as tag, element_at(counts, 'x') as x, cardinality(tags) as n
from aviation.in_jsonl where cardinality(tags) > 0
union all
select id, zip, seen_at, position.lat, null, null, cardinality(tags) from aviation.in_jsonl where cardinality(tags) = 0
order by id
