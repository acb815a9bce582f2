"""Branches of a lake: what a pull request changes, with samples, beside the first environment."""
