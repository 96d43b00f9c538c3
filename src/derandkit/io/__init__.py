"""Files in and out: graphs, points and result records."""
