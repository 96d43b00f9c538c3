"""Weighted graphs, and the files that hold them."""
