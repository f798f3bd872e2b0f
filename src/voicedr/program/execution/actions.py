"""The closed set of things a cutover may do. Every one updates something that exists; none creates anything.

An action knows what it changes, from what, to what, which Region's host it needs, how long it takes, and its inverse.
"""

from __future__ import annotations

from typing import assert_never

import msgspec

from voicedr.program.readiness.resources import Routable
from voicedr.program.scope.sbc import TargetState
from voicedr.program.vocabulary import US1, Region


class SetRoute(msgspec.Struct, frozen=True, tag="set-route"):
    """Route a number, a trunk domain or a SIP domain to a Region.

    Attributes:
        was: The Region it is routed to before, by the provider's rule if no route was ever set.
        was_explicit: False if the provider had no route (404). It cannot be made absent again: the inverse posts us1.
        friendly_name: The route's name as it was read. No action changes it; the comparison after a rollback looks.
    """

    subject: Routable
    was: Region
    to: Region
    was_explicit: bool = True
    friendly_name: str | None = None


class SwitchContext(msgspec.Struct, frozen=True, tag="switch-context"):
    """Tell the customer's application which Region is active."""

    application: str
    was: Region
    to: Region


class SteerDispatcher(msgspec.Struct, frozen=True, tag="steer-dispatcher"):
    """Put a target of the customer's own dispatcher into a state, if it still stands as it did when this was planned.

    Only the customer's SBC is asked, never a host of the provider. It is carried out by ``ports/dispatcher``.

    Attributes:
        sbc: The SBC's name in the workbook.
        rpc: Where it is asked: an address, or a reference to one. Never what a reference stands for.
        target: The target's SIP URI.
        was: How it stood when this was planned. If it stands otherwise by now, nothing is done.
        undoes: True for an inverse. It has nothing to do where the target stands as it should already.
    """

    sbc: str
    rpc: str
    set_id: int
    target: str
    was: TargetState
    to: TargetState
    undoes: bool = False


STEER_S = 0.1
"""One target, on an SBC that answers: from the start of its cohort to the read-back, with the intent on the disk
between. Measured on Kamailio 5.6 and two busy cores (tests/end_to_end/test_steered_in_a_cutover.py): 0.09 s."""

STEER_S_MAX = 45.0
"""One target, on an SBC that answers as late as it may: a look, the change, and five looks back, each within 5 s, with
0.1 s between. Whoever takes longer is UNSETTLED."""

Action = SetRoute | SwitchContext | SteerDispatcher


def action_id(action: Action) -> str:
    """The action's name in the journal: unique within one direction of one plan."""
    match action:
        case SetRoute(subject=subject, to=to):
            return f"route {subject.kind} {subject.name} -> {to}"
        case SwitchContext(application=application, to=to):
            return f"switch context {application} -> {to}"
        case SteerDispatcher(sbc=sbc, set_id=set_id, target=target, to=to):
            return f"steer {sbc} set {set_id} {target} -> {to}"
        case _:
            assert_never(action)


def inverse(action: Action) -> Action:
    """What undoes an action. A route that was never set comes back as an explicit us1, which means the same."""
    match action:
        case SetRoute(subject=subject, was=was, to=to, was_explicit=explicit, friendly_name=friendly_name):
            return SetRoute(subject, was=to, to=was if explicit else US1, friendly_name=friendly_name)
        case SwitchContext(application=application, was=was, to=to):
            return SwitchContext(application=application, was=to, to=was)
        case SteerDispatcher(was=was, to=to, undoes=undoes):
            return msgspec.structs.replace(action, was=to, to=was, undoes=not undoes)
        case _:
            assert_never(action)


def name_of(action: Action) -> str:
    """What the action changes, as a person would name it."""
    match action:
        case SetRoute(subject=subject):
            return subject.name
        case SwitchContext(application=application):
            return f"the context of {application}"
        case SteerDispatcher(sbc=sbc, target=target):
            return f"{target} on {sbc}"
        case _:
            assert_never(action)


def goes_to(action: Action) -> Region | None:
    """The Region that calls are processed in by it; None if it sends no call to a Region by itself."""
    return None if isinstance(action, SteerDispatcher) else action.to
