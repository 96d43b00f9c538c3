"""Johnson-Lindenstrauss embeddings: one deterministic linear map for a point cloud, with its certificate."""
