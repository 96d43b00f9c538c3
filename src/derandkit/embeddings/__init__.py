"""Johnson-Lindenstrauss embeddings without randomness."""
