"""YAML in, a tree out whose every key and value knows its line and column.

The tree is made from the parser's events, not by a constructor, because a constructor forgets positions, builds
whatever a tag names, and expands aliases before anybody can count. Plain scalars are read by the core schema of
YAML 1.2 (https://yaml.org/spec/1.2.2/#103-core-schema): ``yes`` is text, ``2026-11-21`` is text, ``+14155550101`` is an
integer. That last one is why telephone numbers must be quoted; ``raw`` keeps what was written.

Everything has an end: the size of the text, how deep it nests, how many aliases it has and how much they expand to.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.reader import ReaderError

from voicedr.program.scope.problems import Findings, Place

TEXT_BYTES_MAX = 1024 * 1024
"""A workbook of 10,000 numbers listed one by one, twice, is half of this; longer ones use ranges and ``rest``."""

DEPTH_MAX = 32
"""The format needs eight levels."""

ALIASES_MAX = 1000
NODES_MAX = 200_000
"""Values after aliases are expanded: a megabyte of text holds fewer, so only a chain of aliases gets there."""

Plain = str | int | float | bool | None | list["Plain"] | dict[str, "Plain"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A key of a mapping with its value."""

    key: str
    place: Place
    value: Node


@dataclass(frozen=True, slots=True)
class Node:
    """A value with its place. ``absent`` stands for what is not there, so that a chain of ``get`` never breaks.

    Attributes:
        scalar: The value of a scalar by the YAML core schema.
        raw: A scalar as it was written, without quotes.
        size: Values in this tree, aliases expanded.
    """

    kind: Literal["scalar", "sequence", "mapping", "absent"]
    place: Place
    scalar: str | int | float | bool | None = None
    raw: str = ""
    items: tuple[Node, ...] = ()
    entries: tuple[Entry, ...] = ()
    size: int = 1

    def get(self, key: str) -> Node:
        """The value of a key; an absent node if there is none."""
        for entry in self.entries:
            if entry.key == key:
                return entry.value
        return Node("absent", self.place)

    def key_place(self, key: str) -> Place:
        """Where a key is written; where the mapping is if it has no such key."""
        return next((entry.place for entry in self.entries if entry.key == key), self.place)

    def __bool__(self) -> bool:
        return self.kind != "absent"

    @property
    def text(self) -> str | None:
        """The value if it is text, else None."""
        return self.scalar if isinstance(self.scalar, str) else None

    @property
    def texts(self) -> tuple[tuple[str, Place], ...]:
        """The texts of a sequence with their places; what is not text is left out."""
        return tuple((item.scalar, item.place) for item in self.items if isinstance(item.scalar, str))

    @property
    def number(self) -> float | None:
        """The value if it is a number, else None."""
        if isinstance(self.scalar, bool) or not isinstance(self.scalar, (int, float)):
            return None
        return float(self.scalar)

    def plain(self) -> Plain:
        """The tree as plain lists and dicts, for the schema."""
        match self.kind:
            case "mapping":
                return {entry.key: entry.value.plain() for entry in self.entries}
            case "sequence":
                return [item.plain() for item in self.items]
            case _:
                return self.scalar


@dataclass(slots=True)
class _Open:
    """A collection whose end has not been read yet."""

    kind: Literal["sequence", "mapping"]
    place: Place
    anchor: str | None
    items: list[Node] = field(default_factory=list)
    entries: dict[str, Entry] = field(default_factory=dict)
    key: tuple[str, Place] | None = None
    key_skipped: bool = False
    size: int = 1


class _Stop(Exception):
    """Reading cannot go on: where and why."""

    def __init__(self, place: Place, message: str) -> None:
        super().__init__(message)
        self.place = place
        self.message = message


def read_positions(text: str, findings: Findings) -> Node:
    """The document as a tree. Duplicate keys and other mistakes that allow reading on go to ``findings``.

    Raises:
        WorkbookBroken: If it cannot be read to its end; with what was found up to there.
    """
    try:
        size = len(text.encode("utf-8", "surrogatepass"))
        if size > TEXT_BYTES_MAX:
            raise _Stop(
                Place(1, 1),
                f"the file has {size} bytes; at most {TEXT_BYTES_MAX} are read. Write runs of numbers as ranges"
                ' ("+14155550101..+14155550118") and the last cohort as "rest: true".',
            )
        return _Reader(findings).read(text)
    except _Stop as stop:
        findings.add(stop.place, stop.message)
    findings.raise_if_any()
    raise AssertionError("a stop is a finding")


class _Reader:
    """Folds parser events into nodes. The stack is a list, so that depth is ours to bound, not Python's."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._anchors: dict[str, Node] = {}
        self._open: list[_Open] = []
        self._aliases = 0
        self._documents = 0
        self._root: Node | None = None
        self._seen = Place(1, 1)

    def read(self, text: str) -> Node:
        for event in _events(text, self):
            self._seen = _place(event)
            if isinstance(event, DocumentStartEvent):
                self._documents += 1
                if self._documents > 1:
                    raise _Stop(self._seen, 'a second document starts with "---"; a workbook is one. Remove the line.')
            elif isinstance(event, NodeEvent):
                self._node(event)
            elif isinstance(event, (MappingEndEvent, SequenceEndEvent)):
                self._close()
        if self._root is None:
            raise _Stop(Place(1, 1), 'the file is empty; a workbook begins with "voicedr: 1".')
        return self._root

    @property
    def seen(self) -> Place:
        """The last place that was read."""
        return self._seen

    def _node(self, event: NodeEvent) -> None:
        place = _place(event)
        if isinstance(event, AliasEvent):
            self._aliases += 1
            if self._aliases > ALIASES_MAX:
                raise _Stop(place, f"this is alias number {self._aliases}; at most {ALIASES_MAX} are read.")
            target = self._anchors.get(event.anchor)
            if target is None:
                # The name is not repeated: an unquoted secret that begins with a star looks like an alias.
                raise _Stop(
                    place,
                    'an alias ("*") whose anchor ("&") is not above it; define the anchor first, or put the'
                    " text in quotes if the star belongs to it.",
                )
            self._put(replace(target, place=place), None)
            return
        tag = getattr(event, "tag", None)
        if tag is not None and str(tag) not in _TAGS_OF_TEXT:
            self._findings.add(place, 'a YAML tag ("!…") is not read here; remove it, or put the text in quotes.')
        if isinstance(event, ScalarEvent):
            plain = event.implicit[0] if isinstance(event.implicit, tuple) else False
            value = _resolve(event.value) if plain and event.style is None else event.value
            self._put(Node("scalar", place, scalar=value, raw=event.value), event.anchor)
            return
        if len(self._open) >= DEPTH_MAX:
            raise _Stop(place, f"nested more than {DEPTH_MAX} levels deep; a workbook needs eight.")
        kind: Literal["sequence", "mapping"] = "mapping" if isinstance(event, MappingStartEvent) else "sequence"
        assert isinstance(event, (MappingStartEvent, SequenceStartEvent))  # noqa: S101 - narrows the union for mypy
        self._open.append(_Open(kind, place, event.anchor))

    def _close(self) -> None:
        done = self._open.pop()
        node = Node(
            done.kind, done.place, items=tuple(done.items), entries=tuple(done.entries.values()), size=done.size
        )
        self._put(node, done.anchor)

    def _put(self, node: Node, anchor: str | None) -> None:
        if anchor is not None:
            self._anchors[anchor] = node
        if not self._open:
            self._root = node
            return
        parent = self._open[-1]
        parent.size += node.size
        if parent.size > NODES_MAX:
            raise _Stop(node.place, f"aliases expand to more than {NODES_MAX} values; write the values out.")
        if parent.kind == "sequence":
            parent.items.append(node)
        elif parent.key is None and not parent.key_skipped:
            self._key(parent, node)
        else:
            if parent.key is not None:
                key, place = parent.key
                if node.kind == "scalar" and node.raw == "" and node.scalar is None:
                    node = replace(node, place=place)  # the parser puts what is not there at the next token
                parent.entries[key] = Entry(key, place, node)
            parent.key, parent.key_skipped = None, False

    def _key(self, parent: _Open, node: Node) -> None:
        """Take a node as the next key, or say why it cannot be one; its value is then read and dropped."""
        if node.kind != "scalar":
            self._findings.add(node.place, "a list or a mapping cannot be a key here; keys are plain words.")
            parent.key_skipped = True
        elif node.raw == "<<":
            self._findings.add(
                node.place, 'merge keys ("<<") are not read; write the keys out, or use an alias for the whole value.'
            )
            parent.key_skipped = True
        elif node.raw in parent.entries:
            first = parent.entries[node.raw].place
            shown = f'the key "{node.raw}"' if _PLAIN_KEY.fullmatch(node.raw) else "this key"
            self._findings.add(
                node.place,
                f"{shown} is already on line {first.line}, column {first.column} of the same mapping; only one can"
                " count. Remove one of them.",
            )
            parent.key_skipped = True
        else:
            parent.key = (node.raw, node.place)


_TAGS_OF_TEXT = ("!", "tag:yaml.org,2002:str", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq")

_PLAIN_KEY = re.compile(r"[a-z][a-z_-]{0,30}")
"""A key that can be repeated in a message: it does not look like half a secret."""

_INTEGER = re.compile(r"[-+]?[0-9]{1,40}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")


def _resolve(text: str) -> str | int | float | bool | None:
    """A plain scalar by the core schema. Octal, hexadecimal, infinite, not-a-number stay text: nothing needs them."""
    if text in ("", "~", "null", "Null", "NULL"):
        return None
    if text in ("true", "True", "TRUE"):
        return True
    if text in ("false", "False", "FALSE"):
        return False
    if _INTEGER.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text) and math.isfinite(value := float(text)):
        return value
    return text


def _place(event: Event) -> Place:
    return Place(event.start_mark.line + 1, event.start_mark.column + 1)


def _events(text: str, reader: _Reader) -> Iterator[Event]:
    """The parser's events.

    What the parser says of a mistake may quote the text, and the text may be a secret in the wrong place: only
    wordings that are known to quote nothing are passed on.
    """
    yaml = YAML(typ="safe", pure=True)
    try:
        yield from yaml.parse(text)
    except ReaderError as error:
        before = text[: error.position]
        place = Place(before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1)
        raise _Stop(place, "a character that YAML does not allow; remove it or write it as an escape.") from error
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        if "could not find expected ':'" in str(error.problem) and error.context_mark is not None:
            mark = error.context_mark  # where the key begins; the problem's mark is on the next line
        place = Place(mark.line + 1, mark.column + 1) if mark is not None else reader.seen
        raise _Stop(place, f"not YAML: {_wording(error)}") from error
    except (YAMLError, ValueError, OverflowError, AttributeError, IndexError, TypeError, AssertionError) as error:
        # The pure parser lets some of these escape on broken escapes and directives instead of its own errors.
        raise _Stop(reader.seen, "not YAML from here on; look at the quotes and escapes that follow.") from error


_WORDINGS = (
    ("mapping values are not allowed", 'a second ":" on one line, or a key indented too far; put the text in quotes.'),
    ("could not find expected ':'", 'a key without ":", or a line that is indented too little.'),
    ("found character '\\t'", "a tab where spaces are needed; indent with spaces."),
    ("found unexpected end of stream", "the file ends inside a quoted text; close the quotes."),
    ("did not find expected", "an indentation or a bracket does not fit what is above; compare with the lines above."),
    ("expected <block end>", "this line does not fit the lines above; look at its indentation and at the quotes."),
    ("expected ',' or", "a list or mapping in brackets is not closed, or a comma is missing."),
    ("found unknown escape", 'an escape ("\\…") in double quotes that YAML does not know; use single quotes.'),
    ("that cannot start any token", "a character that cannot begin a value; put the text in quotes."),
)


def _wording(error: MarkedYAMLError) -> str:
    said = str(error.problem or "")
    for begins, meaning in _WORDINGS:
        if begins in said:
            return meaning
    return "this line does not fit the lines above; look at its indentation, quotes and brackets."
