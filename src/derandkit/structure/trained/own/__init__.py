"""Whether what is measured, a copy in double precision, is the network that the user gave."""
