"""The heavy engine: Spark on one run."""
