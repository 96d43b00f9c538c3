"""Derandomized algorithms that carry their certificate."""
