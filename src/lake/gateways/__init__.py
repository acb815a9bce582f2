"""The outside world: one Protocol and one AWS class per role."""
