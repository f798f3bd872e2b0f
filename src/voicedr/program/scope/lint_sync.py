"""The standby's copy: rules that can be followed, placeholders that exist, fields that a kind has."""

from __future__ import annotations

import re
from collections.abc import Iterator

from voicedr.program.readiness.kinds import KINDS
from voicedr.program.scope.positions import Node
from voicedr.program.scope.problems import Place
from voicedr.program.scope.standby_copy import PLACEHOLDERS
from voicedr.program.scope.structure import cut, suggestion

_BRACED = re.compile(r"\{([^{}]*)\}")

Found = Iterator[tuple[Place, str]]


def sync_problems(root: Node) -> Found:
    """What the schema cannot see."""
    sync = root.get("sync")
    flows = [entry.key for entry in root.get("flows").entries]
    seen: dict[tuple[str, str | None], int] = {}
    for rule in sync.get("urls").items:
        yield from _rule(rule, flows, seen)
    for entry in sync.get("credentials").entries:
        if "/" not in entry.key:
            yield (
                entry.value.place,
                f'credential "{cut(entry.key)}" of sync names no list. Write it as "list/username".',
            )
    for one in sync.get("ignore").items:
        yield from _fields(one)


def _rule(rule: Node, flows: list[str], seen: dict[tuple[str, str | None], int]) -> Found:
    from_, to, flow = rule.get("from"), rule.get("to"), rule.get("flow")
    for node in (from_, to):
        for name in _BRACED.findall(node.text or ""):
            if name not in PLACEHOLDERS:
                yield (
                    node.place,
                    f'"{{{cut(name)}}}" is no placeholder of sync.urls. Write {{region}} or {{edge}}.',
                )
    if flow.text is not None and flows and flow.text not in flows:
        hint = suggestion(flow.text, flows, otherwise="Name a flow of this workbook.")
        yield flow.place, f'a rule of sync.urls is for flow "{cut(flow.text)}", which is not there. {hint}'
    if from_.text is None or to.text is None:
        return
    if from_.text.startswith(";") != to.text.startswith(";"):
        yield (
            to.place,
            "a rule of sync.urls goes from an address to an address, or from a parameter (;edge=ashburn) to a"
            " parameter. Write both in the same form.",
        )
    for node, text in ((from_, from_.text), (to, to.text)):
        host = text.partition("://")[2].partition("/")[0]
        if "@" in host:
            yield (
                node.place,
                "a rule of sync.urls holds a user or password. The rest of an address stays as it is in the primary:"
                " write the rule without it.",
            )
    first = seen.setdefault((from_.text, flow.text), from_.place.line)
    if first != from_.place.line:
        yield (
            from_.place,
            f'the addresses that begin with "{cut(from_.text)}" have a rule on line {first} already. Take one out.',
        )


def _fields(one: Node) -> Found:
    kind = KINDS.get(one.get("kind").text or "")
    if kind is None:
        return
    names = [field.name for field in kind.fields if field.writable and field.name not in kind.identity]
    for text, place in one.get("fields").texts:
        if text not in names:
            hint = suggestion(text, names, otherwise="It has: " + (", ".join(names) or "none that can differ") + ".")
            yield place, f'{kind.id} has no field "{cut(text)}" that could be ignored. {hint}'
