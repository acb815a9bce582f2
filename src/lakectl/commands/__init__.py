"""The verbs of `lake`, one a file."""
