"""Figures: what was measured, beside a named peer in the same run. ``python -m bench --help``."""
