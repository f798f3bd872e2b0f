"""What in a standby is ours: made by us, or taken over. Folded from the records of every run; nothing else says so.

A mark on the thing itself would be a part of its name, and names are what the two Regions are compared by.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import assert_never

import msgspec

from voicedr.program.readiness.kinds import KINDS, Resource
from voicedr.program.standby.doing import Do
from voicedr.program.standby.keys import Key
from voicedr.program.standby.records import (
    SyncDiffers,
    SyncEvent,
    SyncFinished,
    SyncIntended,
    SyncOpened,
    SyncRefused,
    SyncSeen,
    SyncUnsettled,
    TakenOver,
)
from voicedr.program.vocabulary import Region


class Claim(StrEnum):
    """Why something is ours."""

    MADE = "made"
    ADOPTED = "adopted"
    EQUAL = "equal"
    """It was there, as the primary had it, or empty as a number is. It is kept in step; nothing is taken off it."""


_CLAIMS = {"equal": Claim.EQUAL, "asked": Claim.ADOPTED, "made": Claim.MADE}


class Ledger(msgspec.Struct):
    """What is ours in one standby.

    Attributes:
        claims: By kind, the SID of what it belongs to, and its own: a mapping has the SID of a list.
        asked: Things that were asked for and may be there although nobody saw them: what was asked, by key.
    """

    claims: dict[tuple[str, str | None, str], Claim]
    asked: dict[Key, dict[str, str]]

    def claim(self, resource: Resource) -> Claim | None:
        """Why it is ours; None if it is not."""
        parent_sid = None if KINDS[resource.kind].parent is None else resource.parent_sid
        return self.claims.get((resource.kind, parent_sid, resource.sid))


NOTHING = Ledger({}, {})
"""Where no run was ever made."""


def ledger(runs: Iterable[Iterable[SyncEvent]], standby: Region) -> Ledger:
    """What is ours in a standby, from the records of all runs, the oldest first."""
    has = Ledger({}, {})
    for events in runs:
        here = False
        for event in events:
            match event:
                case SyncOpened():
                    here = event.standby == standby
                case _ if not here:
                    continue
                case TakenOver():
                    has.asked.pop(event.key, None)
                    _claim(has, event, _CLAIMS[event.how])
                case SyncIntended():
                    if event.do != Do.TAKE_OFF:
                        has.asked[event.key] = event.fields
                case SyncSeen() | SyncDiffers():
                    has.asked.pop(event.key, None)
                    if event.do in (Do.CREATE, Do.MAP):
                        _claim(has, event, Claim.MADE)
                    elif event.do == Do.UPDATE:
                        _claim(has, event, Claim.EQUAL)
                case SyncRefused():
                    has.asked.pop(event.key, None)
                case SyncUnsettled() | SyncFinished():
                    pass
                case _:
                    assert_never(event)
    return has


def _claim(has: Ledger, event: TakenOver | SyncSeen | SyncDiffers, claim: Claim) -> None:
    """A claim never becomes weaker."""
    strength, about = list(reversed(Claim)), (event.key.kind, event.parent_sid, event.sid)
    has.claims[about] = max(has.claims.get(about, claim), claim, key=strength.index)


def made_by_us(asked: Mapping[str, str], seen: Mapping[str, str]) -> bool:
    """Whether something that is there is what was asked for when the answer was lost: every field, as shown."""
    return all(seen.get(name, "") == value for name, value in asked.items())
