"""Names looked at once: what each leads to, and how each place stands. And what is different from the time before.

``look`` asks; the rest is pure.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from enum import IntEnum
from functools import partial

import msgspec

from voicedr.runtime.sipkit.asked import Transport
from voicedr.runtime.sipkit.lines import Trust
from voicedr.runtime.sipkit.probe import AT_ONCE_MAX, FROM_USER, probe
from voicedr.runtime.sipkit.questions import DNS_S
from voicedr.runtime.sipkit.records import Kind
from voicedr.runtime.sipkit.resolve import FAMILIES, resolve
from voicedr.runtime.sipkit.standing import PER_ADDRESS_S, Probed, Standing
from voicedr.runtime.sipkit.targets import Resolved

NAMES_AT_ONCE = 50
"""So many names are asked for together: an ordinary name server takes more."""


class Outcome(IntEnum):
    """What a round means, and the exit code for it. Unknown is not yes; what was found goes before what was not."""

    ALL_FIT = 0
    SOME_NOT = 1
    COULD_NOT_LOOK = 3


class Wanted(msgspec.Struct, frozen=True):
    """What is looked at, and how. The defaults are those of ``resolve`` and ``probe``."""

    names: tuple[str, ...]
    transports: tuple[Transport, ...] = ()
    servers: tuple[tuple[str, int], ...] = ()
    families: tuple[Kind, ...] = FAMILIES
    dns_s: float = DNS_S
    per_address_s: float = PER_ADDRESS_S
    at_once: int = AT_ONCE_MAX
    invite_to: str | None = None
    source: str | None = None
    from_user: str = FROM_USER


class Round(msgspec.Struct, frozen=True):
    """Every name, and every place that they lead to."""

    resolved: tuple[Resolved, ...]
    probed: tuple[Probed, ...]

    @property
    def outcome(self) -> Outcome:
        """What it means for calls."""
        if any(not one.fit and one.standing is not Standing.UNKNOWN for one in self.probed):
            return Outcome.SOME_NOT
        unseen = any(one.standing is Standing.UNKNOWN for one in self.probed)
        if unseen or not self.probed or any(not one.targets or not one.complete for one in self.resolved):
            return Outcome.COULD_NOT_LOOK
        return Outcome.ALL_FIT


def outcome_of(resolved: Sequence[Resolved]) -> Outcome:
    """What the names alone mean: known, or not."""
    known = bool(resolved) and all(one.targets and one.complete for one in resolved)
    return Outcome.ALL_FIT if known else Outcome.COULD_NOT_LOOK


async def find(wanted: Wanted) -> tuple[Resolved, ...]:
    """What every name leads to.

    Raises:
        WrongName: If one is none.
        NoServers: If there is no name server to ask.
    """
    gate = asyncio.Semaphore(NAMES_AT_ONCE)
    asking = partial(
        resolve, transports=wanted.transports, servers=wanted.servers, within_s=wanted.dns_s, families=wanted.families
    )

    async def one(name: str) -> Resolved:
        async with gate:
            return await asking(name)

    return tuple(await asyncio.gather(*(one(name) for name in wanted.names)))


async def look(wanted: Wanted, trust: Trust) -> Round:
    """Look at everything once.

    Raises:
        WrongName: If a name is none.
        NoServers: If there is no name server to ask.
    """
    resolved = await find(wanted)
    probed = await probe(
        [target for one in resolved for target in one.targets], per_address_s=wanted.per_address_s,
        at_once=wanted.at_once, invite_to=wanted.invite_to, source=wanted.source, trust=trust,
        from_user=wanted.from_user,
    )  # fmt: skip
    return Round(resolved, probed)


class Change(msgspec.Struct, frozen=True):
    """One thing that is different.

    Attributes:
        what: The place, or the name.
        was: Empty if it is new.
        now: Empty if it is gone.
        bad: Whether it is worse than it should be now.
    """

    name: str
    what: str
    was: str
    now: str
    bad: bool


def changes(before: Round | None, after: Round) -> tuple[Change, ...]:
    """What is different. The order of addresses is not: it is drawn anew each time. Nor is how long something took."""
    then = {} if before is None else _stands(before)
    now = _stands(after)
    found = [
        Change(name, what, then.get((name, what), ("", False))[0], said, bad)
        for (name, what), (said, bad) in now.items()
        if then.get((name, what), ("", False))[0] != said
    ]
    found += [Change(name, what, said, "", True) for (name, what), (said, _) in then.items() if (name, what) not in now]
    return tuple(found)


def stands(one: Probed) -> str:
    """How a place stands, in the words that are compared."""
    said = f"{one.standing.value}: {one.options.said}" if one.standing is not Standing.ALIVE else one.standing.value
    if one.invite is not None and one.invite.standing is not Standing.ALIVE:
        said = f"{one.standing.value}: INVITE got {one.invite.said}"
    wrong = [finding.value for finding in one.certificate.findings] if one.certificate is not None else []
    return f"{said}, certificate {', '.join(wrong)}" if wrong else said


def _stands(round_: Round) -> dict[tuple[str, str], tuple[str, bool]]:
    found: dict[tuple[str, str], tuple[str, bool]] = {}
    for one in round_.resolved:
        if one.why_empty or one.unanswered:
            found[one.name, "DNS"] = (one.why_empty or "; ".join(one.unanswered), True)
        else:
            found[one.name, "DNS"] = ("answered", False)
    for probed in round_.probed:
        found[probed.target.name, probed.target.place] = (stands(probed), not probed.fit)
    return found
