"""Where the document is: one file a kind of place, found by its address with ``place_of``."""
