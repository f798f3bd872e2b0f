"""Field by field: what the standby has, and what it should have."""

from __future__ import annotations

import msgspec

from voicedr.program.readiness.kinds import KINDS, Resource, Role, Value
from voicedr.program.standby.desired import Desired, Ref, Secret, Wanted
from voicedr.program.standby.keys import Inventory
from voicedr.program.standby.placeholders import shown as without_secret


class Change(msgspec.Struct, frozen=True):
    """One field that is not as it should be. As it may be shown: no secret is in it.

    Attributes:
        before: What the standby has; None: nothing.
        after: What it should have; None: nothing.
        rule: The rule that made an address; empty if none did.
    """

    field: str
    before: str | None
    after: str | None
    rule: str = ""


def differences(wanted: Wanted, resource: Resource, standby: Inventory) -> tuple[Change, ...]:
    """The fields of something in the standby that are not as wanted. A secret cannot be compared, and is not."""
    kind, changes = KINDS[resource.kind], []
    for name, value in wanted.fields.items():
        field = kind.field(name)
        if isinstance(value, Secret) or name in kind.identity or not field.writable:
            continue
        has = resource.fields.get(name)
        if isinstance(value, Ref):
            there = standby.key_of(value.key.kind, str(has)) if has else None
            if there == value.key:
                continue
            before = None if not has else str(there or has)
            changes.append(Change(name, before, str(value.key)))
        elif not same(value, has, field.default) and not _moot(wanted, name):
            changes.append(Change(name, text(has), text(value), wanted.rules.get(name, "")))
    return tuple(changes)


def as_made(wanted: Wanted) -> tuple[Change, ...]:
    """The fields that something is made with."""
    kind, changes = KINDS[wanted.key.kind], []
    for name, value in wanted.fields.items():
        if not kind.field(name).writable or (value is None) or _moot(wanted, name):
            continue
        changes.append(Change(name, None, text(value), wanted.rules.get(name, "")))
    return tuple(changes)


def same(one: Value, other: Value, default: Value) -> bool:
    """Whether two values mean the same: absent is the default, and ``"10"`` is 10."""
    return _plain(one, default) == _plain(other, default)


def text(value: Desired) -> str | None:
    """A value as it may be shown; None if there is none."""
    if value is None:
        return None
    if isinstance(value, Secret):
        return "(secret by reference)"
    if isinstance(value, Ref):
        return str(value.key)
    if isinstance(value, bool):
        return "true" if value else "false"
    return without_secret(str(value))


def is_empty(resource: Resource) -> bool:
    """True if nothing says what happens to a call: what exists in every Region was never set up in this one."""
    return not any(
        resource.fields.get(field.name)
        for field in KINDS[resource.kind].fields
        if field.writable and field.role in (Role.URL, Role.REFERENCE)
    )


def _moot(wanted: Wanted, name: str) -> bool:
    """Whether a field means nothing: the method of an address that is not there."""
    if not name.endswith("_method"):
        return False
    stem = name.removesuffix("_method")
    urls = [url for url in (f"{stem}_url", stem) if url in wanted.fields]
    return bool(urls) and all(wanted.fields[url] is None for url in urls)


def _plain(value: Value, default: Value) -> str | None:
    value = default if value is None or value == "" else value
    return None if value is None else str(value).lower() if isinstance(value, bool) else str(value)
