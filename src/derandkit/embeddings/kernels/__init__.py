"""Compiled loops over pairs of points."""
