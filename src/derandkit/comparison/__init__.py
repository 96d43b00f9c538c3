"""Methods side by side on the same instances, with the guarantee of each."""
