"""The Goemans-Williamson relaxation and its dual bound."""
