"""The functions of Trino: which names exist, and those that DuckDB has to be taught."""

from __future__ import annotations

_NAMES = """
    abs acos all_match any_match any_value approx_distinct approx_percentile arbitrary array_agg array_distinct
    array_except array_intersect array_join array_max array_min array_position array_remove array_sort array_union
    arrays_overlap asin at_timezone atan atan2 avg bit_count bitwise_and bitwise_and_agg bitwise_left_shift
    bitwise_not bitwise_or bitwise_or_agg bitwise_right_shift bitwise_xor bool_and bool_or cardinality cast cbrt ceil
    ceiling char_length character_length chr coalesce codepoint concat concat_ws contains contains_sequence corr cos
    cosh count count_if covar_pop covar_samp cume_dist current_date current_timestamp date date_add date_diff
    date_format date_parse date_trunc day day_of_month day_of_week day_of_year degrees dense_rank doy dow e
    element_at ends_with every exp extract filter first_value flatten floor format format_datetime from_base64
    from_hex from_iso8601_date from_iso8601_timestamp from_unixtime from_utf8 geometric_mean greatest grouping
    hamming_distance histogram hour human_readable_seconds if infinity is_finite is_infinite is_nan json_array_contains
    json_array_get json_array_length json_extract json_extract_scalar json_format json_parse json_size kurtosis lag
    last_day_of_month last_value lead least length levenshtein_distance listagg ln localtimestamp log log10 log2 lower
    lpad ltrim map map_agg map_concat map_entries map_filter map_from_entries map_keys map_values max max_by md5
    millisecond min min_by minute mod month multimap_agg nan ngrams none_match now nth_value ntile nullif
    parse_datetime percent_rank pi position pow power quarter radians rand random rank reduce regexp_count
    regexp_extract regexp_extract_all regexp_like regexp_position regexp_replace regexp_split regr_intercept
    regr_slope repeat replace reverse round row row_number rpad rtrim second sequence sha1 sha256 sha512 shuffle sign
    sin sinh skewness slice split split_part split_to_map sqrt starts_with stddev stddev_pop stddev_samp strpos substr
    substring sum tan tanh timezone_hour timezone_minute to_base64 to_char to_date to_hex to_iso8601 to_timestamp
    to_unixtime to_utf8 transform translate trim truncate try try_cast typeof unnest upper url_decode url_encode
    url_extract_fragment url_extract_host url_extract_parameter url_extract_path url_extract_port
    url_extract_protocol url_extract_query uuid var_pop var_samp variance week week_of_year width_bucket
    with_timezone xxhash64 year year_of_week yow zip zip_with
"""
KNOWN = frozenset(_NAMES.split())

_AS_TYPED = (
    "(d DATE, n) AS CAST(d + {0} AS DATE), (d TIMESTAMP, n) AS d + {0}, (d TIMESTAMP WITH TIME ZONE, n) AS d + {0}"
)


def _date_add(unit: str) -> str:
    step = f"to_{unit}s(CAST(n AS {'DOUBLE' if unit in ('second',) else 'INTEGER'}))"
    return f"CREATE MACRO trino_add_{unit}{_AS_TYPED.format(step)}"


MACROS = (
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
        (d TIMESTAMP WITH TIME ZONE) AS strftime(d, '%Y-%m-%d %H:%M:%S.%g') || ' UTC', (d) AS CAST(d AS VARCHAR)""",
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
    "CREATE MACRO array_union(a, b) AS list_sort(list_distinct(list_concat(a, b)))",
    "CREATE MACRO array_except(a, b) AS list_distinct(list_filter(a, lambda x: NOT list_contains(b, x)))",
    "CREATE MACRO array_remove(a, e) AS list_filter(a, lambda x: x <> e)",
    "CREATE MACRO arrays_overlap(a, b) AS list_has_any(a, b)",
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
