"""Arithmetic that every layer may use: exact sums, inner products, hashed numbers, quadrature, compiled kernels."""
