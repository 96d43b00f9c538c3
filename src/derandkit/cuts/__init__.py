"""The cut wing: from a graph to a certified, deterministic maximum cut; `solve` reads as the algorithm."""
