"""Searches for heavy cuts: populations, trajectories, reductions."""
