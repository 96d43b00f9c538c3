"""Upper bounds beyond the semidefinite one, with proofs in exact arithmetic."""
