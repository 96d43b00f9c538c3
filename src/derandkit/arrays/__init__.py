"""Arrays and tables in files of NumPy, Parquet, Feather and Arrow, with limits on what they unpack to."""
