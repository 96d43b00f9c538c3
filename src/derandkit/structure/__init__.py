"""Structure discovery: a network trained to a second-order point forgets what its target does not depend on."""
