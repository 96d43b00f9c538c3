"""Quadratic functions of signs: relaxation, derandomization, search and proofs, for every problem that is a cut."""
