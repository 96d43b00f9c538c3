"""Maps of rows that are too many for their pairs."""
