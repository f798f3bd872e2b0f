"""The text of an account file: YAML or JSON in, values out, and the line on which each key stands."""

from __future__ import annotations

import re
from typing import Any

import msgspec
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from voicedr.twin.world.account import world_from_account
from voicedr.twin.world.findings import Mistake, Mistakes
from voicedr.twin.world.model import World


def read_account(text: str, seed: int, now: float) -> World:
    """The account that a text describes.

    Raises:
        Mistakes: If it cannot be parsed or understood; each with its line if it is YAML.
    """
    document = parse_account(text)
    try:
        return world_from_account(document, seed, now)
    except Mistakes as exc:
        raise Mistakes([Mistake(m.path, m.what, line_of(document, m.path)) for m in exc.found]) from exc


def parse_account(text: str) -> Any:
    """The values, and for YAML their places.

    Raises:
        Mistakes: If it is neither.
    """
    if text.lstrip()[:1] == "{":
        # JSON is read by its own parser, which takes a hundredth of the time.
        try:
            return msgspec.json.decode(text)
        except (msgspec.DecodeError, RecursionError):
            # It may be YAML in braces; if it is not, YAML says on which line.
            pass
    try:
        return YAML(typ="rt", pure=True).load(text)
    except MarkedYAMLError as exc:
        line = exc.problem_mark.line + 1 if exc.problem_mark is not None else None
        what = f"cannot be read as YAML: {exc.problem or exc.context}; correct it there, or just above"
        raise Mistakes([Mistake("", what, line)]) from exc
    except (YAMLError, TypeError, ValueError, ArithmeticError, RecursionError) as exc:
        # The parser lets Python's own errors through for keys that are mappings, days that no month has, and the like.
        raise Mistakes([Mistake("", f"cannot be read as YAML: {exc}; correct it there")]) from exc


def line_of(document: Any, path: str) -> int | None:
    """The line of a path such as ``numbers[2].voice.us1``, or of the nearest thing above it that is there."""
    line: int | None = None
    here = document
    for name, index in re.findall(r"([^.\[\]]+)|\[(\d+)\]", path):
        place = getattr(here, "lc", None)
        try:
            key: str | int = int(index) if index else name
            line = (place.item(key) if index else place.key(key))[0] + 1  # type: ignore[union-attr]
            here = here[key]
        except (AttributeError, KeyError, IndexError, TypeError):
            return line
    return line
