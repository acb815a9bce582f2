"""The lake's runtime: what Lambda and Glue run. It reads compiled configuration and knows nothing of where it runs."""
