"""Readers of formats that announce themselves by their first lines or their names, one module a family."""
