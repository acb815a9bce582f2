"""A dataset's own test: a few rows in, the rows that must come out."""
