"""Push to deploy: what `lake bootstrap` makes, and what `lake pipeline` shows of it."""
