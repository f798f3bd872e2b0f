"""The closed set of things a cutover may do. Every one updates something that exists; none creates anything.

An action knows what it changes, from what, to what, which Region's host it needs, how long it takes, and its inverse.
"""

from __future__ import annotations

from typing import assert_never

import msgspec

from voicedr.program.readiness.resources import Routable
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


Action = SetRoute | SwitchContext


def action_id(action: Action) -> str:
    """The action's name in the journal: unique within one direction of one plan."""
    match action:
        case SetRoute(subject=subject, to=to):
            return f"route {subject.kind} {subject.name} -> {to}"
        case SwitchContext(application=application, to=to):
            return f"switch context {application} -> {to}"
        case _:
            assert_never(action)


def inverse(action: Action) -> Action:
    """What undoes an action. A route that was never set comes back as an explicit us1, which means the same."""
    match action:
        case SetRoute(subject=subject, was=was, to=to, was_explicit=explicit, friendly_name=friendly_name):
            return SetRoute(subject, was=to, to=was if explicit else US1, friendly_name=friendly_name)
        case SwitchContext(application=application, was=was, to=to):
            return SwitchContext(application=application, was=to, to=was)
        case _:
            assert_never(action)


def name_of(action: Action) -> str:
    """What the action changes, as a person would name it."""
    match action:
        case SetRoute(subject=subject):
            return subject.name
        case SwitchContext(application=application):
            return f"the context of {application}"
        case _:
            assert_never(action)
