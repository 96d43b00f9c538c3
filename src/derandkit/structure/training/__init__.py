"""The network as compiled functions, its risk as an objective, and curvature of it."""
