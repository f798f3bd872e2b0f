"""Addresses that are others in the standby: which rule makes which address of which."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

from voicedr.program.scope.standby_copy import UrlRule

ENDS = "/?#:;&"
"""After the beginning of an address comes one of these, or nothing: ``https://app.example`` is none of
``https://app.example.net``."""

HIDDEN = "(secret)"

_USER = re.compile(r"^(https?://)([^/?#@]*)@", re.IGNORECASE)


class Place(NamedTuple):
    """A Region and the edge in its host names: what the placeholders stand for."""

    region: str
    edge: str

    def fill(self, text: str) -> str:
        """The text with this Region's own words."""
        return text.replace("{region}", self.region).replace("{edge}", self.edge)


class Mapped(NamedTuple):
    """An address for the standby, and the rule that made it; empty if none did."""

    value: str
    rule: str


def mapped(address: str, rules: Sequence[UrlRule], flow: str | None, primary: Place, standby: Place) -> Mapped:
    """The address in the standby of an address in the primary, for what a flow uses (None: for what none uses).

    The rules of the flow come before those for all; of each, the longest beginning that fits decides. Parameters of a
    SIP URI have rules of their own, and all that fit are followed.
    """
    used: list[str] = []
    user, bare = _without_user(address)
    for own in (True, False):
        fitting = [
            (primary.fill(rule.from_), rule)
            for rule in rules
            if (rule.flow is not None) is own and rule.flow in (None, flow) and not rule.from_.startswith(";")
        ]
        fitting = [(start, rule) for start, rule in fitting if _begins(bare, start)]
        if fitting:
            start, rule = max(fitting, key=lambda one: len(one[0]))
            bare = standby.fill(rule.to) + bare[len(start) :]
            used.append(_said(rule))
            break
    address = _with_user(bare, user)
    if address.lower().startswith(("sip:", "sips:")):
        address, parameters = _parameters(address, rules, flow, primary, standby)
        used += parameters
    return Mapped(address, ", ".join(used))


def shown(address: str) -> str:
    """An address as it may be shown: without the password that may stand in it."""
    found = _USER.match(address)
    if found is None:
        return address
    name, colon, _ = found[2].partition(":")
    return f"{found[1]}{name}{colon}{HIDDEN if colon else ''}@{address[found.end() :]}"


def host_names(address: str) -> tuple[str, ...]:
    """The labels of an address's host name; nothing if it has none that can be read."""
    try:
        return tuple((urlsplit(address).hostname or "").split("."))
    except ValueError:
        return ()


def _begins(address: str, start: str) -> bool:
    if not address.startswith(start):
        return False
    return len(address) == len(start) or start[-1] in ENDS or address[len(start)] in ENDS


def _without_user(address: str) -> tuple[str, str]:
    found = _USER.match(address)
    return ("", address) if found is None else (found[2] + "@", found[1] + address[found.end() :])


def _with_user(address: str, user: str) -> str:
    scheme, mark, rest = address.partition("://")
    return f"{scheme}{mark}{user}{rest}" if user and mark else address


def _parameters(
    address: str, rules: Sequence[UrlRule], flow: str | None, primary: Place, standby: Place
) -> tuple[str, list[str]]:
    uri, mark, headers = address.partition("?")
    base, *parameters = uri.split(";")
    used: list[str] = []
    wanted = sorted((rule for rule in rules if rule.from_.startswith(";")), key=lambda rule: rule.flow is None)
    for index, parameter in enumerate(parameters):
        for rule in wanted:
            if rule.flow in (None, flow) and parameter == primary.fill(rule.from_)[1:]:
                parameters[index] = standby.fill(rule.to)[1:]
                used.append(_said(rule))
                break
    return ";".join([base, *parameters]) + mark + headers, used


def _said(rule: UrlRule) -> str:
    where = "" if rule.flow is None else f" ({rule.flow})"
    return f"{rule.from_} -> {rule.to}{where}"
