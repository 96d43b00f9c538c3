"""What a run needs of the machine: progress, interrupts, threads and processes."""
