"""Readers of objects in memory: what kind an object is, mappings, sequences of edges."""
