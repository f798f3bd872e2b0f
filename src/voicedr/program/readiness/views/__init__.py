"""What checks are said of, beyond numbers, trunks and webhooks: one view a file."""
