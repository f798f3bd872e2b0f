"""A firewall as an export describes it: chains of rules in order, reduced to what decides over a new call.

Every reader of exports makes these values and `voicedr.program.network.walk` follows them. What a reader does not
understand it says in ``unclear``: such a rule may match or not, and nothing that hangs on it counts as covered.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeAlias

import msgspec

from voicedr.program.scope.problems import printable

Spans: TypeAlias = tuple[tuple[int, int], ...]
"""Closed intervals of addresses (as numbers) or of ports."""


class BrokenExport(Exception):
    """An export that cannot be read. The message says what, where and what to do; nothing was judged."""

    def __init__(self, message: str) -> None:
        # It quotes the export, which others wrote: nothing of it may reach a terminal as a command.
        super().__init__(printable(message))


class Verdict(StrEnum):
    """What a rule does with what it matches."""

    ACCEPT = "accept"
    DROP = "drop"
    JUMP = "jump"
    GOTO = "goto"
    RETURN = "return"
    UNCLEAR = "unclear"


class Rule(msgspec.Struct, frozen=True):
    """One rule that a new IPv4 packet from outside may match. Rules that it cannot match are left out by the readers.

    Attributes:
        where: Where the rule stands, for a person.
        sources: None is any source.
        ports: Destination ports; None is any.
        protocols: ``udp``, ``tcp``; None is any.
        interfaces: Where the packet comes in; None is anywhere.
        destinations: None is any.
        unclear: Conditions that were not understood. With one, nobody knows whether the rule matches.
        target: The chain of a jump or goto.
    """

    where: str
    verdict: Verdict
    sources: Spans | None = None
    ports: Spans | None = None
    protocols: frozenset[str] | None = None
    interfaces: frozenset[str] | None = None
    destinations: Spans | None = None
    unclear: tuple[str, ...] = ()
    target: str = ""


class Chain(msgspec.Struct, frozen=True):
    """Rules in order; the first that ends it decides.

    Attributes:
        policy: What happens at the end of a chain that is entered from outside.
    """

    rules: tuple[Rule, ...]
    policy: Verdict = Verdict.ACCEPT


class Firewall(msgspec.Struct, frozen=True):
    """What an export says.

    Attributes:
        name: The file's.
        format: Such as ``iptables-save``.
        chains: By name.
        entries: The chains that every packet from outside goes through, in order. It must pass all of them.
        unseen: What could still stop a packet and is not in such an export.
    """

    name: str
    format: str
    chains: Mapping[str, Chain]
    entries: tuple[str, ...]
    unseen: tuple[str, ...] = ()
