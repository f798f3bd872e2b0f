"""What goes wrong when: faults, healing, settings, load and calls at times, read from a file and played."""
