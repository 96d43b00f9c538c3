"""Bounds by packings of odd cycles."""
