"""The cloud on a laptop."""
