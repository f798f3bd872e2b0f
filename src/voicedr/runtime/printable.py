"""Others' words in a message of ours: they stay on their line and send nothing else to a terminal."""

from __future__ import annotations


def printable(text: str) -> str:
    """The text with a dot for each sign that does something instead of being seen."""
    return text if text.isprintable() else "".join(sign if sign.isprintable() else "·" for sign in text)
