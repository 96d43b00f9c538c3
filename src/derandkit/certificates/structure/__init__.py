"""Checks of structure records."""
