"""A user's mistake, or AWS's refusal: said in words, never as a traceback."""

from __future__ import annotations


class Failure(Exception):
    """What is wrong, which thing, and the next step. The command ends with exit code 1."""
