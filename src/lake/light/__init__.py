"""The light engine: DuckDB on one batch of objects."""
