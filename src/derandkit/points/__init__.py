"""Point clouds, and the files that hold them."""
