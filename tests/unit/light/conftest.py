"""What the tests of the light engine share."""

from unit.light.batch import stage

__all__ = ["stage"]
