"""Checks of embedding records."""
