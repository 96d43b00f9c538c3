"""Checks of records of random Fourier features."""
