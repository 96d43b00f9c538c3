"""Proofs of upper bounds in exact arithmetic, shared by all problems on signs."""
