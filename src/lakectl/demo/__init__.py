"""`make demo`: real flights, from files in a bucket to an answer from Athena."""
