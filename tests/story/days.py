"""The days of the year that stories travel: those that are delivered spoilt, and a few that are not."""

from __future__ import annotations

from lakectl.demo.flights import CORRECTED_DAY, REPEATED_DAY, SPOILT_DAY, TRUNCATED_DAY

DAYS = frozenset({SPOILT_DAY, CORRECTED_DAY, TRUNCATED_DAY, REPEATED_DAY, "2013-01-01", "2013-01-02", "2013-12-31"})
