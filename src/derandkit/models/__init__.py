"""Quadratic models of signs and bits, and the files that hold them."""
