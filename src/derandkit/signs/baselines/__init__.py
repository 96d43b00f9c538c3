"""Textbook algorithms for cuts, to compare with."""
