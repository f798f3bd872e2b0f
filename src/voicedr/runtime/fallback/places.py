"""YAML or JSON in, a tree out whose every key and value knows its line. Everything has an end, and aliases are refused.

A file of JSON is one of YAML 1.2, too (https://yaml.org/spec/1.2.2/#13-relation-to-json).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer, ComposerError
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode

from voicedr.runtime.printable import printable

TEXT_BYTES_MAX = 256 * 1024
"""A policy of a hundred routes is a tenth of it."""

DEPTH_MAX = 20
"""The format needs about ten levels."""


class Mistake(NamedTuple):
    """What is wrong, and where: lines and columns count from 1."""

    line: int
    column: int
    text: str


class PolicyBroken(Exception):
    """A policy that cannot be used: every mistake, in the order of the file."""

    def __init__(self, path: str, mistakes: list[Mistake]) -> None:
        self.path = path
        # Some of them quote the file: nothing of it may reach a terminal as a command.
        self.mistakes = sorted({one._replace(text=printable(one.text)) for one in mistakes})
        super().__init__("\n".join(f"{path}:{one.line}:{one.column}: {one.text}" for one in self.mistakes))


@dataclass(slots=True)
class Node:
    """A value: a dict of (key node, value node) by key, a list of nodes, or a plain value."""

    line: int
    column: int
    value: dict[str, tuple[Node, Node]] | list[Node] | str | int | float | bool | None
    mistakes: list[Mistake] = field(default_factory=list)

    def wrong(self, text: str) -> None:
        """Note a mistake here."""
        self.mistakes.append(Mistake(self.line, self.column, text))


class _Bounded(Composer):
    """Stops where it nests too deep: the parser's time grows with the square of the depth."""

    _depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        """A node with everything in it."""
        if self._depth > DEPTH_MAX:
            mark = self.parser.peek_event().start_mark
            raise ComposerError(problem=f"it nests deeper than {DEPTH_MAX} levels", problem_mark=mark)
        self._depth += 1
        try:
            return super().compose_node(parent, index)
        finally:
            self._depth -= 1


def read_places(text: str, path: str) -> Node:
    """The document.

    Raises:
        PolicyBroken: If it cannot be read as YAML.
    """
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > TEXT_BYTES_MAX:
        raise PolicyBroken(path, [Mistake(1, 1, f"the file has {size} bytes; at most {TEXT_BYTES_MAX} are read")])
    try:
        yaml = YAML(typ="safe", pure=True)
        yaml.Composer = _Bounded
        composed = yaml.compose(text)
    except MarkedYAMLError as exc:
        mark = exc.problem_mark or exc.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
        raise PolicyBroken(path, [Mistake(line, column, f"this is no YAML: {exc.problem or exc.context}")]) from exc
    except (YAMLError, ValueError) as exc:
        raise PolicyBroken(path, [Mistake(1, 1, f"this is no YAML: {str(exc).splitlines()[0]}")]) from exc
    except RecursionError as exc:
        raise PolicyBroken(path, [Mistake(1, 1, f"it nests deeper than {DEPTH_MAX} levels")]) from exc
    mistakes: list[Mistake] = []
    if composed is None:
        raise PolicyBroken(path, [Mistake(1, 1, 'the file is empty; begin it with "fallback: 1"')])
    return _taken(composed, mistakes, set(), 0, path)


def _taken(composed: Any, mistakes: list[Mistake], seen: set[int], depth: int, path: str) -> Node:
    line, column = composed.start_mark.line + 1, composed.start_mark.column + 1
    if depth > DEPTH_MAX:
        raise PolicyBroken(path, [*mistakes, Mistake(line, column, f"it nests deeper than {DEPTH_MAX} levels")])
    if id(composed) in seen:
        raise PolicyBroken(path, [*mistakes, Mistake(line, column, "an anchor is used again; write it out instead")])
    seen.add(id(composed))
    node = Node(line, column, None, mistakes)
    if isinstance(composed, ScalarNode):
        node.value = _scalar(str(composed.tag).rpartition(":")[2], composed.value)
    elif isinstance(composed, MappingNode):
        entries: dict[str, tuple[Node, Node]] = {}
        for key, value in composed.value:
            key_node = _taken(key, mistakes, seen, depth + 1, path)
            if not isinstance(key_node.value, str):
                key_node.wrong('a key is text; put a number in quotes, as in "+4930*": de-DE')
                continue
            if key_node.value in entries:
                key_node.wrong(f"{key_node.value!r} is there twice")
            entries[key_node.value] = (key_node, _taken(value, mistakes, seen, depth + 1, path))
        node.value = entries
    else:
        node.value = [_taken(one, mistakes, seen, depth + 1, path) for one in composed.value]
    return node


def _scalar(kind: str, text: str) -> str | int | float | bool | None:
    try:
        match kind:
            case "int":
                return int(text.replace("_", ""), 0) if len(text) <= 20 else text
            case "float":
                return float(text.replace("_", ""))
            case "bool":
                return text.lower() == "true"
            case "null":
                return None
            case _:
                return text
    except ValueError:
        return text
