"""DQDL, the rule language of Glue Data Quality and Deequ: parsed with precise errors, compiled to SQL.

What each rule means was read off Deequ 2.1.0 by running it; `tests/heavy` and `tests/unit/specs` hold it to that.
"""
