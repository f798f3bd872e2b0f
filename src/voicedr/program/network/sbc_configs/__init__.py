"""Writers of configurations for session border controllers, one program a file."""
