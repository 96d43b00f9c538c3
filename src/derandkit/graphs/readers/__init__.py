"""Readers of files, one module a family of formats."""
