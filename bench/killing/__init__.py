"""Executions that are killed again and again in virtual time, and judged by the history of the twin's routes."""
