"""The functions that DuckDB has to be taught, as macros."""

from __future__ import annotations

_AS_TYPED = (
    "(d DATE, n) AS CAST(d + {0} AS DATE), (d TIMESTAMP, n) AS d + {0}, (d TIMESTAMP WITH TIME ZONE, n) AS d + {0}"
)


def _date_add(unit: str) -> str:
    step = f"to_{unit}s(CAST(n AS {'DOUBLE' if unit in ('second',) else 'INTEGER'}))"
    return f"CREATE MACRO trino_add_{unit}{_AS_TYPED.format(step)}"


MACROS = (
    """CREATE MACRO trino_digits(t) AS ltrim(replace(t, '.', ''), '0')""",
    """CREATE MACRO trino_mantissa(n) AS left(n, 1) || '.' || CASE WHEN len(rtrim(n, '0')) > 1
        THEN rtrim(n[2:], '0') ELSE '0' END""",
    """CREATE MACRO trino_exponent(t) AS CASE WHEN NOT t LIKE '0.%' THEN len(split_part(t, '.', 1)) - 1
        ELSE len(ltrim(split_part(t, '.', 2), '0')) - len(split_part(t, '.', 2)) - 1 END""",
    """CREATE MACRO trino_positive(d, t) AS CASE WHEN contains(t, 'e')
        THEN trino_mantissa(trino_digits(split_part(t, 'e', 1))) || 'E'
            || CAST(CAST(split_part(t, 'e', 2) AS INTEGER) AS VARCHAR)
        ELSE trino_mantissa(trino_digits(t)) || 'E' || CAST(trino_exponent(t) AS VARCHAR) END""",
    """CREATE MACRO trino_scientific(d) AS CASE WHEN isnan(d) THEN 'NaN'
        WHEN isinf(d) THEN CASE WHEN d > 0 THEN 'Infinity' ELSE '-Infinity' END WHEN d = 0 THEN '0.0E0'
        ELSE CASE WHEN d < 0 THEN '-' ELSE '' END || trino_positive(abs(d), CAST(abs(d) AS VARCHAR)) END""",
    """CREATE MACRO trino_sequence_dates(a, b, i) AS
        list_transform(generate_series(CAST(a AS TIMESTAMP), CAST(b AS TIMESTAMP), i), lambda d: CAST(d AS DATE))""",
    *(_date_add(unit) for unit in ("second", "minute", "hour", "day", "week", "month", "year")),
    f"CREATE MACRO trino_add_millisecond{_AS_TYPED.format('to_milliseconds(CAST(n AS BIGINT))')}",
    f"CREATE MACRO trino_add_quarter{_AS_TYPED.format('to_months(3 * CAST(n AS INTEGER))')}",
    """CREATE MACRO trino_date_trunc(u, d DATE) AS CAST(date_trunc(u, d) AS DATE),
        (u, d TIMESTAMP) AS date_trunc(u, d), (u, d TIMESTAMP WITH TIME ZONE) AS date_trunc(u, d)""",
    """CREATE MACRO trino_plus(d DATE, i INTERVAL) AS CAST(d + i AS DATE), (a, b) AS a + b""",
    """CREATE MACRO trino_minus(d DATE, i INTERVAL) AS CAST(d - i AS DATE), (a, b) AS a - b""",
    """CREATE MACRO trino_whole(x DOUBLE) AS round(x), (x) AS x""",
    "CREATE MACRO trino_millisecond(d) AS millisecond(d) % 1000",
    "CREATE MACRO trino_repeat(x, n) AS list_transform(range(n), lambda i: x)",
    """CREATE MACRO trino_slice(a, s, n) AS
        CASE WHEN s > 0 THEN a[s:s + n - 1] ELSE a[len(a) + s + 1:len(a) + s + n] END""",
    """CREATE MACRO trino_text(d DATE) AS CAST(d AS VARCHAR), (d TIMESTAMP) AS strftime(d, '%Y-%m-%d %H:%M:%S.%g'),
        (d TIMESTAMP WITH TIME ZONE) AS strftime(d, '%Y-%m-%d %H:%M:%S.%g') || ' UTC',
        (d) AS CASE WHEN typeof(d) IN ('DOUBLE', 'FLOAT')
        THEN trino_scientific(TRY_CAST(CAST(d AS VARCHAR) AS DOUBLE)) ELSE CAST(d AS VARCHAR) END""",
    """CREATE MACRO trino_varchar(t, n, kind) AS CASE WHEN kind = 'VARCHAR' OR len(t) <= n THEN left(t, n)
        ELSE error('Value ' || t || ' cannot be represented as varchar(' || n || ')') END""",
    """CREATE MACRO to_iso8601(d DATE) AS strftime(d, '%Y-%m-%d'),
        (d TIMESTAMP) AS strftime(d, '%Y-%m-%dT%H:%M:%S.%g'),
        (d TIMESTAMP WITH TIME ZONE) AS strftime(d, '%Y-%m-%dT%H:%M:%S.%g') || 'Z'""",
    """CREATE MACRO trino_regexp_extract(s, p, g := 0) AS
        CASE WHEN regexp_matches(s, p) THEN regexp_extract(s, p, g) END""",
    """CREATE MACRO trino_split_part(s, d, n) AS
        CASE WHEN n <= len(string_split(s, d)) THEN split_part(s, d, n) END""",
    "CREATE MACRO at_timezone(d, z) AS timezone(z, timezone('UTC', d))",
    "CREATE MACRO codepoint(s) AS unicode(s)",
    "CREATE MACRO is_nan(x) AS isnan(x)",
    "CREATE MACRO is_finite(x) AS isfinite(x)",
    "CREATE MACRO is_infinite(x) AS isinf(x)",
    "CREATE MACRO infinity() AS CAST('inf' AS DOUBLE)",
    "CREATE MACRO nan() AS CAST('nan' AS DOUBLE)",
    "CREATE MACRO e() AS exp(1)",
    "CREATE MACRO geometric_mean(x) AS exp(avg(ln(x)))",
    "CREATE MACRO bitwise_and(a, b) AS a & b",
    "CREATE MACRO bitwise_or(a, b) AS a | b",
    "CREATE MACRO bitwise_xor(a, b) AS xor(a, b)",
    "CREATE MACRO bitwise_not(a) AS ~a",
    """CREATE MACRO trino_distinct(a) AS
        list_filter(a, lambda x, i: len(list_filter(a[1:i - 1], lambda y: y IS NOT DISTINCT FROM x)) = 0)""",
    """CREATE MACRO trino_has(a, e) AS len(list_filter(a, lambda y: y IS NOT DISTINCT FROM e)) > 0""",
    "CREATE MACRO array_union(a, b) AS trino_distinct(list_concat(a, b))",
    "CREATE MACRO trino_except(a, b) AS trino_distinct(list_filter(a, lambda x: NOT trino_has(b, x)))",
    "CREATE MACRO trino_intersect(a, b) AS trino_distinct(list_filter(a, lambda x: trino_has(b, x)))",
    """CREATE MACRO array_remove(a, e) AS
        CASE WHEN e IS NOT NULL THEN list_filter(a, lambda x: x IS DISTINCT FROM e) END""",
    """CREATE MACRO arrays_overlap(a, b) AS CASE WHEN list_has_any(a, b) THEN true
        WHEN trino_has(a, NULL) OR trino_has(b, NULL) THEN NULL ELSE list_has_any(a, b) END""",
    "CREATE MACRO trino_array_max(a) AS CASE WHEN NOT trino_has(a, NULL) THEN list_max(a) END",
    "CREATE MACRO trino_array_min(a) AS CASE WHEN NOT trino_has(a, NULL) THEN list_min(a) END",
    """CREATE MACRO trino_array_position(a, e) AS
        CASE WHEN a IS NOT NULL AND e IS NOT NULL THEN coalesce(list_position(a, e), 0) END""",
    """CREATE MACRO trino_all(a) AS CASE WHEN a IS NULL THEN NULL WHEN list_contains(a, false) THEN false
        WHEN trino_has(a, NULL) THEN NULL ELSE true END""",
    """CREATE MACRO trino_any(a) AS CASE WHEN a IS NULL THEN NULL WHEN list_contains(a, true) THEN true
        WHEN trino_has(a, NULL) THEN NULL ELSE false END""",
    "CREATE MACRO trino_none(a) AS NOT trino_any(a)",
    """CREATE MACRO trino_substr2(s, n) AS CASE WHEN n = 0 OR -n > len(s) THEN left(s, 0) ELSE substr(s, n) END""",
    """CREATE MACRO trino_substr3(s, n, l) AS
        CASE WHEN n = 0 OR -n > len(s) OR l <= 0 THEN left(s, 0) ELSE substr(s, n, l) END""",
    """CREATE MACRO trino_json_scalar(j, p) AS CASE
        WHEN json_type(json_extract(CAST(j AS JSON), p)) IN ('OBJECT', 'ARRAY', 'NULL') THEN NULL
        ELSE json_extract_string(CAST(j AS JSON), p) END""",
    """CREATE MACRO json_size(j, p) AS CASE json_type(json_extract(CAST(j AS JSON), p))
        WHEN 'ARRAY' THEN json_array_length(CAST(j AS JSON), p)
        WHEN 'OBJECT' THEN len(json_keys(CAST(j AS JSON), p)) WHEN NULL THEN NULL ELSE 0 END""",
    """CREATE MACRO trino_cbrt(x) AS CASE WHEN pow(round(cbrt(x)), 3) = x THEN round(cbrt(x)) ELSE cbrt(x) END""",
    """CREATE MACRO trino_typeof(t) AS CASE t WHEN 'HUGEINT' THEN 'bigint' WHEN 'FLOAT' THEN 'real'
        WHEN 'BLOB' THEN 'varbinary' WHEN 'TIMESTAMP' THEN 'timestamp(3)' WHEN 'VARCHAR[]' THEN 'array(varchar)'
        WHEN 'TIMESTAMP WITH TIME ZONE' THEN 'timestamp(3) with time zone' WHEN '"NULL"' THEN 'unknown'
        ELSE CASE WHEN contains(t, '[') OR contains(t, 'MAP') OR contains(t, 'STRUCT')
        THEN error('NOT_SUPPORTED: not built in the local Athena: typeof of ' || t) ELSE lower(t) END END""",
    """CREATE MACRO trino_shifted(x, power) AS CAST(x * power AS HUGEINT)""",
    """CREATE MACRO trino_ratio(a, b) AS CASE WHEN a IS NULL OR b IS NULL THEN NULL
        WHEN b = 0 THEN error('Division by zero')
        ELSE CAST(sign(a) * sign(b) AS HUGEINT) * ((2 * abs(a) + abs(b)) // (2 * abs(b))) END""",
    """CREATE MACRO trino_divide_floats(a, b) AS CASE
        WHEN isnan(CAST(a AS DOUBLE)) OR isnan(CAST(b AS DOUBLE)) THEN CAST('nan' AS DOUBLE)
        WHEN b <> 0 THEN CAST(a AS DOUBLE) / CAST(b AS DOUBLE)
        WHEN a = 0 THEN CAST('nan' AS DOUBLE)
        WHEN b = 0 THEN sign(a) * CAST('inf' AS DOUBLE) * (CASE WHEN signbit(CAST(b AS DOUBLE)) THEN -1 ELSE 1 END)
        END""",
    """CREATE MACRO trino_divide_unknown(a, b) AS CASE WHEN typeof(a) LIKE 'DECIMAL%' OR typeof(b) LIKE 'DECIMAL%'
        THEN error('NOT_SUPPORTED: not built in the local Athena: dividing decimals here') ELSE a / b END""",
    "CREATE MACRO json_array_get(j, n) AS json_extract(j, '$[' || n || ']')",
    "CREATE MACRO json_format(j) AS CAST(j AS VARCHAR)",
    "CREATE MACRO url_extract_host(u) AS nullif(regexp_extract(u, '^[a-zA-Z][^:]*://([^/:?#]*@)?([^/:?#]+)', 2), '')",
    "CREATE MACRO url_extract_protocol(u) AS nullif(regexp_extract(u, '^([a-zA-Z][a-zA-Z0-9+.-]*):', 1), '')",
    "CREATE MACRO url_extract_path(u) AS regexp_extract(u, '^[a-zA-Z][^:]*://[^/?#]*([^?#]*)', 1)",
    "CREATE MACRO url_extract_query(u) AS regexp_extract(u, '\\?([^#]*)', 1)",
    "CREATE MACRO url_extract_fragment(u) AS regexp_extract(u, '#(.*)$', 1)",
    "CREATE MACRO last_day_of_month(d) AS last_day(d)",
    "CREATE MACRO from_iso8601_date(s) AS CAST(s AS DATE)",
    "CREATE MACRO hamming_distance(a, b) AS hamming(a, b)",
    "CREATE MACRO levenshtein_distance(a, b) AS levenshtein(a, b)",
    "CREATE MACRO to_utf8(s) AS encode(s)",
    "CREATE MACRO from_utf8(b) AS decode(b)",
    "CREATE MACRO map_agg(k, v) AS map_from_entries(list(struct_pack(k := k, v := v)))",
)
