"""Writers of allow-lists, one kind of firewall a file."""
