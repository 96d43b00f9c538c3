"""Readers of whole matrices: NumPy files, matrices in a text, Matrix Market."""
