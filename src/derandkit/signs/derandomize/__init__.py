"""From a Gaussian distribution over sides to one cut."""
