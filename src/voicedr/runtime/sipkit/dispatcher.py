"""Steering a Kamailio dispatcher: what its list says, and a closed set of typed actions on it. Pure.

A state is two letters, as Kamailio prints them: A, T, I or D (active, trying, inactive, disabled), then P or X (pinged
or not). Measured on Kamailio 5.6:

- inactive and pinged (``IP``) is undone by the next ping that is answered, within seconds: it is no drain
- disabled (``DX``) gets no new calls and is not pinged: it stays until it is undone
- a reload puts every state back to what the list file says: a drained target is in service again

An action carries the state that it was planned on. If the target stands differently by now, nothing is done: somebody
else is steering too.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import msgspec

from voicedr.runtime.printable import printable

SET_DESTINATIONS_MAX = 5_000
"""Of one answer. A list that is longer is not steered by hand."""


class State(StrEnum):
    """What a person can set, and the word Kamailio takes for it."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    DISABLED = "disabled"
    PROBING = "probing"

    @property
    def word(self) -> str:
        """Kamailio's. Disabled and inactive are not pinged, so that nobody undoes them."""
        return {"active": "ap", "inactive": "ix", "disabled": "dx", "probing": "ip"}[self.value]


class Destination(msgspec.Struct, frozen=True):
    """One line of a dispatcher list.

    Attributes:
        set_id: The set that it is in.
        uri: Its SIP URI, as Kamailio writes it.
        flags: Two letters, e.g. ``AP``.
    """

    set_id: int
    uri: str
    flags: str
    priority: int = 0
    attributes: str = ""

    @property
    def in_service(self) -> bool:
        """Whether it gets new calls: active, or on trial after a ping that failed."""
        return self.flags[:1] in ("A", "T")

    @property
    def state(self) -> State | None:
        """The state in a word; None for a letter that is not known."""
        match self.flags[:1]:
            case "A" | "T":
                return State.ACTIVE
            case "D":
                return State.DISABLED
            case "I":
                return State.PROBING if self.flags[1:2] == "P" else State.INACTIVE
            case _:
                return None


class SetState(msgspec.Struct, frozen=True, tag="dispatcher-set-state"):
    """Put a target of one set into a state.

    Attributes:
        was: Its flags when this was planned, e.g. ``AP``.
        last_may_go: Whether it may be taken out even if no other target of the set is in service.
    """

    set_id: int
    uri: str
    was: str
    to: State
    last_may_go: bool = False


class Reload(msgspec.Struct, frozen=True, tag="dispatcher-reload"):
    """Read the list file again, and put back what had been taken out of service before.

    It has no inverse: what the file said before is kept nowhere. A plan that must be undone exactly cannot contain it.

    Attributes:
        was: The whole list when this was planned.
        keep: Whether what is out of service now is taken out again at once. Between the two it may get calls.
    """

    was: tuple[Destination, ...]
    keep: bool = True


Action = SetState | Reload


class NotUndoable(Exception):
    """The action has no inverse. Says why."""


class UnreadableList(ValueError):
    """What Kamailio answered is not a dispatcher list."""


def action_id(action: Action) -> str:
    """The action's name in a journal."""
    if isinstance(action, SetState):
        return f"dispatcher {action.set_id} {action.uri} -> {action.to.value}"
    return "dispatcher reload"


def inverse(action: Action) -> SetState:
    """What undoes an action.

    Raises:
        NotUndoable: If it is a reload, or the state before has a letter that nobody knows.
    """
    if isinstance(action, Reload):
        raise NotUndoable("a reload cannot be undone: what the list file said before is kept nowhere")
    before = Destination(action.set_id, action.uri, action.was).state
    if before is None:
        raise NotUndoable(f"{action.uri} was in the state {action.was!r}, which is not known")
    return SetState(
        action.set_id, action.uri, Destination(0, "", action.to.word.upper()).flags, before, last_may_go=True
    )


def read_list(result: object) -> tuple[Destination, ...]:
    """The targets in what ``dispatcher.list`` answers.

    Raises:
        UnreadableList: If it is not of that form.
    """
    found: list[Destination] = []
    try:
        for record in _each(_dict(result)["RECORDS"], "SET"):
            set_id = int(str(record["ID"]))
            for target in _each(record["TARGETS"], "DEST"):
                attributes = _dict(target.get("ATTRS") or {})
                found.append(
                    Destination(
                        set_id, str(target["URI"]), str(target["FLAGS"]), int(str(target.get("PRIORITY", 0))),
                        str(attributes.get("BODY", "")),
                    )
                )  # fmt: skip
    except (KeyError, ValueError, TypeError) as exc:
        raise UnreadableList(printable(f"this is no dispatcher list: {exc}")) from exc
    if len(found) > SET_DESTINATIONS_MAX:
        raise UnreadableList(f"{len(found)} targets; {SET_DESTINATIONS_MAX} are steered at most")
    return tuple(found)


def why_not(action: Action, seen: Sequence[Destination]) -> str:
    """Why an action must not be done as things stand now; empty if it may.

    Args:
        seen: The list, read right before.
    """
    if isinstance(action, Reload):
        then = {(one.set_id, one.uri): one.flags for one in action.was}
        now = {(one.set_id, one.uri): one.flags for one in seen}
        if then.keys() != now.keys() or any(not same_state(flags, now[one]) for one, flags in then.items()):
            return "the list is not what it was when this was planned. Look again"
        return ""
    there = find(seen, action.set_id, action.uri)
    if there is None:
        known = ", ".join(one.uri for one in seen if one.set_id == action.set_id) or "no target"
        return f"set {action.set_id} has no {action.uri}; it has {known}"
    if not same_state(there.flags, action.was):
        return f"{action.uri} is {there.flags} and was {action.was} when this was planned"
    if there.in_service and leaves_nobody(action, seen):
        return f"{action.uri} is the last target of set {action.set_id} in service: new calls would fail"
    return ""


def leaves_nobody(action: SetState, seen: Sequence[Destination]) -> bool:
    """Whether no target of its set would be in service after it, though one must be."""
    if action.to is State.ACTIVE or action.last_may_go:
        return False
    return not any(one.in_service for one in seen if one.set_id == action.set_id and one.uri != action.uri)


def done(action: SetState, seen: Sequence[Destination]) -> bool:
    """Whether a target is read back as it was set."""
    there = find(seen, action.set_id, action.uri)
    return there is not None and same_state(there.flags, action.to.word.upper())


def to_take_out_again(before: Sequence[Destination], after: Sequence[Destination]) -> tuple[SetState, ...]:
    """What a reload put into service that had been taken out."""
    out = {(one.set_id, one.uri): one for one in before if one.state in (State.DISABLED, State.INACTIVE)}
    return tuple(
        SetState(one.set_id, one.uri, one.flags, was.state or State.DISABLED, last_may_go=True)
        for one in after
        if (was := out.get((one.set_id, one.uri))) is not None and one.state is not was.state
    )


def find(seen: Sequence[Destination], set_id: int, uri: str) -> Destination | None:
    """A target of a set."""
    return next((one for one in seen if one.set_id == set_id and one.uri == uri), None)


def same_state(one: str, other: str) -> bool:
    """Whether two pairs of letters mean the same to new calls. An active target is pinged or not as Kamailio likes;
    active and on trial change by themselves with a lost ping.
    """
    first, second = one.upper(), other.upper()
    if {first[:1], second[:1]} <= {"A", "T"}:
        return True
    if first[:1] == second[:1] == "D":
        return True
    return first == second


def _each(listed: object, name: str) -> list[dict[str, object]]:
    if not isinstance(listed, list):
        raise TypeError(f"{name} is not listed")
    return [_dict(one.get(name, one)) for one in map(_dict, listed)]


def _dict(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise TypeError(f"{str(value)[:60]!r} where fields should be")
    return value
