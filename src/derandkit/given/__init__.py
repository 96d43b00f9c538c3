"""What a caller gives, before anything is computed with it."""
