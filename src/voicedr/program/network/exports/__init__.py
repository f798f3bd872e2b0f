"""Readers of firewall exports, one format a file."""
