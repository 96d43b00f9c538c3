"""Benchmark graphs rebuilt from their recipes: no downloads, no data files, the same edges every time."""
