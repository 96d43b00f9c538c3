"""Checks of cut records."""
