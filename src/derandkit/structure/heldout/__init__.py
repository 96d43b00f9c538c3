"""What rows kept back say: references to hold a loss against, and the choice of penalties and rank."""
