"""Words: text from outside as it is shown."""
