"""Results as one page to look at and to send: what was found, what each number means, pictures, and how to check."""
