"""Random Fourier features without randomness: from points and a kernel to certified features."""
