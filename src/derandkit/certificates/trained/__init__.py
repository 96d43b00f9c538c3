"""Check records of networks that somebody else trained."""
