"""What a figure is measured against, each a program of its own."""
