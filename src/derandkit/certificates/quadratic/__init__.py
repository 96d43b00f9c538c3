"""Checks of records of quadratic models."""
