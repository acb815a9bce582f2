"""Decisions on values: no AWS, no clock, no environment."""
