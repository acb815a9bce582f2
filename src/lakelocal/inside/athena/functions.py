"""The functions of Trino: which names exist, and which of them work here, with how many arguments.

A function works here if tests/local/athena_examples.py holds it to Trino's answers; the others are refused by name.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlglot import TokenType
from sqlglot.tokens import Token

from lakelocal.inside.athena.failure import QueryFailed
from lakelocal.inside.athena.word import place

_NAMES = """
    abs acos all_match any_match any_value approx_distinct approx_most_frequent approx_percentile approx_set
    arbitrary array_agg array_distinct array_except array_histogram array_intersect array_join array_max array_min
    array_position array_remove array_sort array_union arrays_overlap asin at_timezone atan atan2 avg bar beta_cdf
    bit_count bitwise_and bitwise_and_agg bitwise_left_shift bitwise_not bitwise_or bitwise_or_agg
    bitwise_right_shift bitwise_xor bool_and bool_or cardinality cast cbrt ceil ceiling char_length character_length
    checksum chr coalesce codepoint color combinations concat concat_ws contains contains_sequence convex_hull corr
    cos cosh cosine_similarity count count_if covar_pop covar_samp crc32 cume_dist current_date current_time
    current_timestamp current_timezone current_user date date_add date_diff date_format date_parse date_trunc day
    day_of_month day_of_week day_of_year degrees dense_rank dow doy e element_at entropy every exp extract filter
    first_value flatten floor format format_datetime from_base from_base64 from_base64url from_big_endian_32
    from_big_endian_64 from_encoded_polyline from_hex from_ieee754_32 from_ieee754_64 from_iso8601_date
    from_iso8601_timestamp from_unixtime from_utf8 geometric_mean greatest grouping hamming_distance histogram
    hmac_md5 hmac_sha1 hmac_sha256 hmac_sha512 hour human_readable_seconds if infinity inverse_beta_cdf
    inverse_normal_cdf is_finite is_infinite is_json_scalar is_nan json_array json_array_contains json_array_get
    json_array_length json_exists json_extract json_extract_scalar json_format json_object json_parse json_query
    json_size json_value kurtosis lag last_day_of_month last_value lead least length levenshtein_distance listagg ln
    localtime localtimestamp log log10 log2 lower lpad ltrim luhn_check map map_agg map_concat map_entries
    map_filter map_from_entries map_keys map_values map_zip_with max max_by md5 merge millisecond min min_by minute
    mod month multimap_agg multimap_from_entries murmur3 nan ngrams none_match normal_cdf normalize now nth_value
    ntile nullif numeric_histogram parse_data_size parse_datetime parse_duration percent_rank pi position pow power
    qdigest_agg quantile_at_value quarter radians rand random rank reduce reduce_agg regexp_count regexp_extract
    regexp_extract_all regexp_like regexp_position regexp_replace regexp_split regr_count regr_intercept regr_slope
    render repeat replace reverse rgb round row row_number rpad rtrim second sequence sha1 sha256 sha512 shuffle
    sign sin sinh skewness slice soundex split split_part split_to_map spooky_hash_v2_32 spooky_hash_v2_64 sqrt
    st_area st_asbinary st_astext st_contains st_distance st_geometryfromtext st_intersects st_point st_within st_x
    st_y starts_with stddev stddev_pop stddev_samp strpos substr substring sum tan tanh tdigest_agg timezone
    timezone_hour timezone_minute to_base to_base64 to_base64url to_big_endian_32 to_big_endian_64 to_char to_date
    to_hex to_ieee754_32 to_ieee754_64 to_iso8601 to_milliseconds to_timestamp to_unixtime to_utf8 transform
    transform_keys transform_values translate trim trim_array truncate try try_cast typeof unnest upper url_decode
    url_encode url_extract_fragment url_extract_host url_extract_parameter url_extract_path url_extract_port
    url_extract_protocol url_extract_query uuid value_at_quantile values_at_quantiles var_pop var_samp variance
    version week week_of_year width_bucket wilson_interval_lower wilson_interval_upper with_timezone word_stem
    xxhash64 year year_of_week yow zip zip_with
"""
KNOWN = frozenset(_NAMES.split())
_BUILT = """
    abs:1 acos:1 all_match:2 any_match:2 any_value:1 approx_distinct:1 approx_percentile:2 arbitrary:1 array_agg:1
    array_distinct:1 array_except:2 array_intersect:2 array_join:23 array_max:1 array_min:1 array_position:2
    array_remove:2 array_sort:1 arrays_overlap:2 asin:1 atan:1 atan2:2 avg:1 bitwise_and:2
    bitwise_and_agg:1 bitwise_not:1 bitwise_or:2 bitwise_or_agg:1 bitwise_xor:2 bool_and:1 bool_or:1 cardinality:1
    cast:1 cbrt:1 ceil:1 ceiling:1 chr:1 coalesce:+ codepoint:1 concat:+ concat_ws:+ contains:2 corr:2 cos:1 cosh:1
    count:1 count_if:1 covar_pop:2 covar_samp:2 cume_dist:0 date:1 date_add:3 date_diff:3 date_format:2 date_parse:2
    date_trunc:2 day:1 day_of_month:1 day_of_week:1 day_of_year:1 degrees:1 dense_rank:0 dow:1 doy:1 e:0
    element_at:2 every:1 exp:1 extract:1 filter:2 first_value:1 flatten:1 floor:1 format:+ format_datetime:2
    from_base64:1 from_hex:1 from_iso8601_date:1 from_iso8601_timestamp:1 from_unixtime:1 from_utf8:1
    geometric_mean:1 greatest:+ hamming_distance:2 histogram:1 hour:1 if:23 infinity:0 is_finite:1 is_infinite:1
    is_nan:1 json_array_length:1 json_extract:2 json_extract_scalar:2 json_format:1 json_parse:1 json_size:2 lag:123
    last_day_of_month:1 last_value:1 lead:123 least:+ length:1 levenshtein_distance:2 listagg:2 ln:1 log:2 log10:1
    log2:1 lower:1 lpad:3 ltrim:1 map:2 map_agg:2 map_concat:+ map_from_entries:1 map_keys:1 map_values:1 max:1
    max_by:2 md5:1 millisecond:1 min:1 min_by:2 minute:1 mod:2 month:1 nan:0 none_match:2 now:0 nth_value:2 ntile:1
    nullif:2 parse_datetime:2 percent_rank:0 pi:0 position:1 pow:2 power:2 quarter:1 radians:1 rand:0 random:01
    rank:0 reduce:4 regexp_count:2 regexp_extract:23 regexp_extract_all:2 regexp_like:2 regexp_replace:23
    regexp_split:2 regr_intercept:2 regr_slope:2 repeat:2 replace:23 reverse:1 round:12 row:+ row_number:0 rpad:3
    rtrim:1
    second:1 sequence:23 sha256:1 sign:1 sin:1 sinh:1 slice:3 split:2 split_part:3 sqrt:1 starts_with:2 stddev:1
    stddev_pop:1 stddev_samp:1 strpos:2 substr:23 substring:123 sum:1 tan:1 tanh:1 to_base64:1 to_hex:1 to_iso8601:1
    to_unixtime:1 to_utf8:1 transform:2 translate:3 trim:1 truncate:1 try:1 try_cast:1 typeof:1 unnest:+ upper:1
    url_decode:1 url_encode:1 url_extract_fragment:1 url_extract_host:1 url_extract_path:1 url_extract_protocol:1
    url_extract_query:1 uuid:0 var_pop:1 var_samp:1 variance:1 week:1 week_of_year:1 year:1 year_of_week:1 yow:1
"""
BUILT = {name: counts for name, _, counts in (entry.partition(":") for entry in _BUILT.split())}
"""How many arguments a function may have, one digit for each choice; `+` for any number."""
_NO_WORDS = (TokenType.VAR, TokenType.STRING, TokenType.IDENTIFIER)
_FOREIGN = frozenset(("left", "right", "glob", "ifnull"))
"""Functions of DuckDB whose names are words of SQL, too."""


def check_functions(text: str, tokens: Sequence[Token]) -> None:
    """Raise QueryFailed at the first call of a function that Trino does not have, or that does not work here."""
    for token, count in calls(tokens):
        name = token.text.lower()
        if name not in KNOWN:
            raise QueryFailed(f"FUNCTION_NOT_FOUND: {place(text, token.start)}: Function '{name}' not registered")
        if name not in BUILT:
            raise QueryFailed(f"NOT_SUPPORTED: not built in the local Athena: the function '{name}'")
        if BUILT[name] != "+" and str(count) not in BUILT[name]:
            raise QueryFailed(
                f"NOT_SUPPORTED: {place(text, token.start)}: not built in the local Athena: the function '{name}' "
                f"with {count} arguments; it takes {' or '.join(BUILT[name])} here"
            )


def calls(tokens: Sequence[Token]) -> Iterator[tuple[Token, int]]:
    """Every name in the place of a function, and how many arguments it gets."""
    for at, token in enumerate(tokens[:-1]):
        if tokens[at + 1].token_type is not TokenType.L_PAREN:
            continue
        name, before = token.text.lower(), tokens[at - 1] if at else None
        if name == "filter" and before is not None and before.token_type is TokenType.R_PAREN:
            continue  # of an aggregate
        if (token.token_type is TokenType.VAR and not _names_a_relation(before, tokens, at)) or (
            token.token_type not in _NO_WORDS and name in KNOWN | _FOREIGN
        ):
            yield token, _arguments(tokens, at + 1)


def _arguments(tokens: Sequence[Token], opening: int) -> int:
    if tokens[opening + 1].token_type is TokenType.R_PAREN:
        return 0
    depth, count = 0, 1
    for token in tokens[opening:]:
        depth += (
            (token.text in ("(", "[")) - (token.text in (")", "]")) if token.token_type is not TokenType.STRING else 0
        )
        if depth == 0:
            break
        # `(a, b) -> …` is one argument: its comma stands one bracket deeper
        count += depth == 1 and token.token_type is TokenType.COMMA
    return count


def _names_a_relation(before: Token | None, tokens: Sequence[Token], at: int) -> bool:
    """`AS t(a)`, `) t(a)`, `WITH c(a) AS (`: columns after a relation's name, not arguments."""
    kinds = (TokenType.ALIAS, TokenType.R_PAREN, TokenType.WITH, TokenType.RECURSIVE, TokenType.VAR)
    if before is not None and before.token_type in kinds:
        return True
    if before is not None and before.text.lower() == "into":
        return True
    depth = 0
    for later in range(at + 1, len(tokens) - 1):
        depth += (tokens[later].text == "(") - (tokens[later].text == ")")
        if depth == 0:
            return [token.text.lower() for token in tokens[later + 1 : later + 3]] == ["as", "("]
    return False
