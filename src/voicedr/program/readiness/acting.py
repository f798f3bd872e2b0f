"""Can I act now? What must hold for a person to move a flow from here, a line for each thing that was looked at.

Not known is not yes: whoever may act knows it of everything that is needed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum

import msgspec

from voicedr.program.governance.authority import functions_of, matrix, why_may_not
from voicedr.program.scope.authority import Decision, Function
from voicedr.program.scope.workbook import Flow, Person, Workbook
from voicedr.program.validation.spoken import count, span

DISK_BYTES_MIN = 200 * 1024 * 1024
"""A journal of a thousand numbers takes some 5 MB; reports, evidence and SQLite's log as much again. Our own limit."""


class Stands(StrEnum):
    """How a thing stands."""

    OK = "ok"
    NOT = "not"
    UNKNOWN = "unknown"


class Look(msgspec.Struct, frozen=True):
    """One thing that was looked at. ``needed``: nobody can act without it. ``next``: what to do if it is not so."""

    about: str
    stands: Stands
    said: str
    next: str = ""
    needed: bool = True


def can_act(looks: Sequence[Look]) -> Stands:
    """Over everything that is needed: ok only if all of it is, unknown only if nothing is known to be wrong."""
    needed = [look.stands for look in looks if look.needed]
    if Stands.NOT in needed:
        return Stands.NOT
    return Stands.UNKNOWN if Stands.UNKNOWN in needed or not needed else Stands.OK


def clock_look(date: str | None, before: datetime, after: datetime, skew_s_max: float) -> Look:
    """Our clock against the provider's ``Date`` (RFC 9110 section 6.6.1), which knows whole seconds.

    Args:
        date: The header.
        before: Our clock when the request was sent.
        after: Our clock when the answer was there.
        skew_s_max: So far may it be off: signed approvals are judged by the clock.
    """
    fix = "Set this machine's clock (timedatectl set-ntp true); signed approvals are judged by it"
    try:
        theirs = parsedate_to_datetime(date or "")
    except ValueError:
        said = "the answer had no date" if date is None else "the answer's date cannot be read"
        return Look("clock", Stands.UNKNOWN, said, fix)
    theirs = theirs.replace(tzinfo=UTC) if theirs.tzinfo is None else theirs
    # Their second lasts from its beginning to its end; ours lies somewhere in the exchange.
    ahead_s = max((before - theirs).total_seconds() - 1.0, 0.0) - max((theirs - after).total_seconds(), 0.0)
    how = "as the provider's" if not ahead_s else f"{span(abs(ahead_s))} {'ahead' if ahead_s > 0 else 'behind'}"
    if abs(ahead_s) > skew_s_max:
        return Look("clock", Stands.NOT, f"{how}; {span(skew_s_max)} is allowed", fix)
    return Look("clock", Stands.OK, how)


def people_looks(workbook: Workbook, flow: Flow, person: Person | None, now: datetime) -> Iterator[Look]:
    """Whether this person may act for a flow at this hour, and whether enough people to approve are on."""
    about = f"you, for {flow.id}"
    if person is None:
        yield Look(about, Stands.UNKNOWN, "nobody said who you are", "Say it: --as PERSON")
    else:
        wanted = [Decision.APPROVE_FAILOVER, Decision.EXECUTE]
        if workbook.account.address is not None:
            wanted.append(Decision.APPROVE_DRILL)
        refusals = {one: why_may_not(workbook, flow, one, person, now) for one in wanted}
        may = [one.value.replace("-", " ") for one, why in refusals.items() if not why]
        functions = ", ".join(one.value.replace("_", " ") for one in functions_of(workbook, flow, person)) or "none"
        if may:
            yield Look(about, Stands.OK, f"{person.name} may {', '.join(may)} now (functions: {functions})")
        else:
            yield Look(about, Stands.NOT, refusals[Decision.APPROVE_FAILOVER], f"voicedr who {flow.id}")
    approval = next(one for one in matrix(workbook, flow, now).functions if one.function is Function.APPROVAL)
    stands = Stands.OK if approval.reachable >= approval.quorum else Stands.NOT
    on = ", ".join(one.name for one in approval.people if one.on) or "nobody"
    said = f"{count(approval.quorum, 'approval')} needed; on now: {on}"
    yield Look(f"approvers of {flow.id}", stands, said, "" if stands is Stands.OK else f"voicedr who {flow.id}")


def key_look(public: str | None, path: str, signers: str | None, person: Person | None, *, required: bool) -> Look:
    """Whether a key here is the one that the list of signers gives to this person. The key itself is not used.

    Args:
        public: The text of its ``.pub`` file; None: there is none.
        path: Of the key, as messages name it.
        signers: The list's text; None: the workbook has none, so nothing can be signed.
        person: Who signs.
        required: Approvals that are not signed do not count.
    """
    about = "signing key"
    if signers is None:
        return Look(about, Stands.OK, "the workbook has no list of signers; your word counts", needed=required)
    if public is None:
        return Look(
            about, Stands.UNKNOWN, f"{path}.pub is not here", "Name your key: --key FILE (its .pub beside it)",
            needed=required,
        )  # fmt: skip
    if person is None:
        return Look(about, Stands.UNKNOWN, "nobody said whose key it should be", "Say it: --as PERSON", needed=required)
    words = public.split()
    theirs = [line.split() for line in signers.splitlines() if line.split()[:1] in ([person.id], [f'"{person.id}"'])]
    if len(words) >= 2 and any(words[1] in line for line in theirs):
        return Look(about, Stands.OK, f"{path} is one of {person.id}'s in the list of signers", needed=required)
    has = "is not the one that is there" if theirs else "and nobody with that id is in the list"
    return Look(
        about, Stands.NOT, f"{path} as {person.id}: {has}", "Name the right key: --key FILE; or ask who keeps the list",
        needed=required,
    )  # fmt: skip


def disk_look(free_bytes: int, place: str) -> Look:
    """Whether there is room for a journal."""
    said = f"{free_bytes // (1024 * 1024)} MB free at {place}"
    if free_bytes >= DISK_BYTES_MIN:
        return Look("disk", Stands.OK, said)
    return Look("disk", Stands.NOT, said, f"Make room: at least {DISK_BYTES_MIN // (1024 * 1024)} MB")
