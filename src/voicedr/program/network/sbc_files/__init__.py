"""Readers of configurations of session border controllers, one form a file."""
