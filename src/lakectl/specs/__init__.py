"""What a user writes: the models of the YAML files, how they are read, and what is said of a mistake."""
