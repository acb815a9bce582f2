"""A smoke run: the sample of a dataset goes through what is deployed, under a name of its own, and is taken out."""
