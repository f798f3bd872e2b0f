"""Declarations in the workbook: their values, and what is wrong with them that a schema cannot see."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime

from voicedr.program.readiness.declared import About, Declaration, Declarations
from voicedr.program.readiness.said import Unsaid
from voicedr.program.scope.positions import Node
from voicedr.program.scope.problems import Place
from voicedr.program.scope.structure import cut, suggestion

Found = Iterator[tuple[Place, str]]

_TOKEN = re.compile(r"[0-9a-fA-F]{32}")
"""What an auth token or a key's secret looks like: a value that is nothing else is one that was pasted."""


def build_declared(node: Node) -> Declarations:
    """The values of a workbook that was found right."""
    return Declarations(
        tuple(
            Declaration(
                about=About(one.get("about").text or ""),
                value=one.get("value").plain(),
                owner=one.get("owner").text or "",
                said_on=date.fromisoformat(one.get("on").text or ""),
                valid_until=date.fromisoformat(one.get("until").text or ""),
                flows=tuple(text for text, _ in one.get("flows").texts),
                evidence=one.get("evidence").text,
            )
            for one in node.items
        )
    )


def declaration_problems(root: Node) -> Found:
    """Everything that is wrong with who says what, when, and of which flows."""
    people = [person.get("id").text or "" for person in root.get("people").items]
    flows = [entry.key for entry in root.get("flows").entries]
    seen: dict[tuple[object, ...], Place] = {}
    for one in root.get("declared").items:
        about = one.get("about").text
        name = f'declaration "{cut(about)}"' if about else "a declaration"
        yield from _owner(one.get("owner"), name, people)
        for text, place in one.get("flows").texts:
            if flows and text not in flows:
                hint = suggestion(text, flows, otherwise="Name a flow of this workbook, or take it out.")
                yield place, f'{name} is about flow "{cut(text)}", which is not in this workbook. {hint}'
        yield from _dates(one, name)
        if about == About.PEOPLE_REACHED:
            yield from _reached(one.get("value"), name, people)
        if about == About.APPLICATION_INSTANCES:
            yield from _instances(one.get("value"), name)
        yield from _pasted(one.get("value"), name)
        said = (about, one.get("on").text, tuple(sorted(text for text, _ in one.get("flows").texts)))
        first = seen.setdefault(said, one.place)
        if about and first != one.place:
            yield (
                one.place,
                f"{name} was said on the same day on line {first.line} already, of the same flows. Only one can count:"
                " take one of them out.",
            )


def ended(declared: Declarations, flow: str, now: datetime) -> Iterator[str]:
    """What was declared of a flow and does not count at this time, in words."""
    for about in About:
        said = [one for one in declared.every if one.about is about and (not one.flows or flow in one.flows)]
        counts = declared.about(about, flow, now)
        if said and isinstance(counts, Unsaid):
            yield f"{counts.reason}, so nothing is known of it. Look again, and declare it anew"


def _owner(owner: Node, name: str, people: list[str]) -> Found:
    if owner.text and people and owner.text not in people:
        hint = suggestion(owner.text, people, otherwise="Add them to people, or name who answers for it.")
        yield owner.place, f'owner of {name} is "{cut(owner.text)}", who is nobody in people. {hint}'


def _dates(one: Node, name: str) -> Found:
    on, until = _date(one.get("on")), _date(one.get("until"))
    for key, found in (("on", on), ("until", until)):
        node = one.get(key)
        if found is None and node.text is not None and _LOOKS_RIGHT.fullmatch(node.text):
            yield node.place, f"{key} of {name} is {node.text}; there is no such day."
    if on is not None and until is not None and until < on:
        yield (
            one.get("until").place,
            f"until of {name} is {until}, before it was said ({on}). Write the last day on which it counts.",
        )


_LOOKS_RIGHT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _date(node: Node) -> date | None:
    if node.text is None or not _LOOKS_RIGHT.fullmatch(node.text):
        return None
    try:
        return date.fromisoformat(node.text)
    except ValueError:
        return None


def _reached(value: Node, name: str, people: list[str]) -> Found:
    for entry in value.entries:
        if people and entry.key not in people:
            hint = suggestion(entry.key, people, otherwise="Use the ids of people.")
            yield entry.place, f'{name} names "{cut(entry.key)}", who is nobody in people. {hint}'
        if entry.value.text and _LOOKS_RIGHT.fullmatch(entry.value.text) and _date(entry.value) is None:
            yield entry.value.place, f"{name} says {entry.value.text}; there is no such day."


def _instances(value: Node, name: str) -> Found:
    for entry in value.entries:
        if not re.match(r"https?://[^\s/]", entry.key):
            yield (
                entry.place,
                f'{name} has an instance "{cut(entry.key)}", which is not an absolute http or https URL. Write the'
                " address that says whether it is well.",
            )


def _pasted(value: Node, name: str) -> Found:
    """Whatever is declared is shown in reports, so a secret in it would be, too."""
    for node in _scalars(value):
        if node.text and _TOKEN.fullmatch(node.text):
            yield (
                node.place,
                f"{name} has a value that looks like a secret and is not shown here. Declare where it is kept, never"
                " the secret itself.",
            )


def _scalars(node: Node) -> Iterator[Node]:
    yield node
    for below in (*node.items, *(entry.value for entry in node.entries)):
        yield from _scalars(below)
