"""The Spark engine: the driver process that runs the scripts of Glue jobs, one after the other."""
