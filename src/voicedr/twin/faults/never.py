"""The time that does not come."""

NEVER = 253_402_300_799.0
"""The last second of the year 9999, which JSON can hold."""
