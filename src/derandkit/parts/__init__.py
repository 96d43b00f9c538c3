"""Typed parts of results, one file a problem."""
