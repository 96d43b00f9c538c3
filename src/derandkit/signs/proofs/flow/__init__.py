"""Roof duality: upper bounds on cuts from flows, and vertices whose sides a flow decides."""
