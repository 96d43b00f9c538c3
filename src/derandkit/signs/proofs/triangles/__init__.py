"""Semidefinite bounds with triangle inequalities."""
