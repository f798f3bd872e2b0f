"""Which of the things that a Region keeps are this flow's, and which recordings are voicemails.

    a call           to or from one of the flow's numbers or SIP domains, through one of its trunks, or a leg of such
    a recording      of such a call
    a transcription  of such a recording
    a message        to or from one of the flow's numbers

A voicemail is a recording whose source is ``RecordVerb``, which is what the provider writes for <Record>
(https://www.twilio.com/docs/voice/api/recording, read 2026-11-21): the caller spoke to a machine, and nobody answered.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from voicedr.program.reconciliation.kept import Kept

VOICEMAIL_SOURCE = "RecordVerb"

NO_SOUND = {
    "absent": "nothing was said, so there is no sound",
    "deleted": "somebody deleted it; the provider shows that it was there for 40 days",
}
"""Recordings that have no sound any more, or never had."""

RUNS = ("in-progress", "paused", "processing")
"""Recordings that have no sound yet."""


class Scope(msgspec.Struct, frozen=True):
    """What is the flow's."""

    numbers: frozenset[str]
    domains: frozenset[str] = frozenset()
    trunk_sids: frozenset[str] = frozenset()


def is_voicemail(recording: Kept) -> bool:
    """True if it was made by <Record>."""
    return recording.source == VOICEMAIL_SOURCE


def calls_of(scope: Scope, calls: Sequence[Kept]) -> list[Kept]:
    """The flow's calls with all their legs, in the order given."""
    chosen = {call.sid for call in calls if _is_ours(scope, call)}
    while True:
        legs = {call.sid for call in calls if call.parent_sid in chosen and call.sid not in chosen}
        if not legs:
            return [call for call in calls if call.sid in chosen]
        chosen |= legs


def recordings_of(calls: Iterable[str], recordings: Sequence[Kept]) -> tuple[list[Kept], list[Kept]]:
    """The recordings of these calls, and those of conferences, of which nobody can say whose they are."""
    of = set(calls)
    mine = [one for one in recordings if one.call_sid in of]
    meetings = [one for one in recordings if one.conference_sid and one.call_sid not in of]
    return mine, meetings


def transcriptions_of(recordings: Iterable[str], transcriptions: Sequence[Kept]) -> list[Kept]:
    """The transcriptions of these recordings."""
    of = set(recordings)
    return [one for one in transcriptions if one.recording_sid in of]


def messages_of(scope: Scope, messages: Sequence[Kept]) -> list[Kept]:
    """The messages to or from the flow's numbers."""
    return [one for one in messages if one.to in scope.numbers or one.from_ in scope.numbers]


def _is_ours(scope: Scope, call: Kept) -> bool:
    if call.to in scope.numbers or call.from_ in scope.numbers or call.trunk_sid in scope.trunk_sids:
        return True
    return any(domain in end for domain in scope.domains for end in (call.to, call.from_))
