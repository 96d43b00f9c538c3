"""Ways from a Gaussian projection to one map."""
