"""Quadratic functions of signs and bits: Ising, QUBO, MAX-2SAT, directed cuts, structural balance."""
