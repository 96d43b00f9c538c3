"""What looks like a table of points and may be something else: columns, rows, and tables of pairs."""
