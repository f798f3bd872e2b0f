"""What the record of one run of ``sync apply`` can say: intent before the act, and what was seen after it.

    SYNC_OPENED     a plan is carried out by somebody, from one Region to another
    TAKEN_OVER      something that voicedr did not make belongs to the copy from now on: it was equal, or somebody asked
    SYNC_INTENDED   a request is about to be sent
    SYNC_SEEN       it was done: the provider's answer, or a look afterwards, shows what was asked for
    SYNC_DIFFERS    the provider answered with something else than was asked for
    SYNC_REFUSED    the provider said no; nothing changed
    SYNC_UNSETTLED  the answer was lost, and a look did not show it: look again before repeating
    SYNC_FINISHED   the run is over

Old records must replay: fields are added with a default, never renamed.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from voicedr.program.evidence.chain import link
from voicedr.program.standby.keys import Key
from voicedr.program.vocabulary import Region

Outcome = Literal["done", "partly", "stopped", "interrupted"]


class _Said(msgspec.Struct, frozen=True, kw_only=True, tag_field="event"):
    at: datetime


class SyncOpened(_Said, frozen=True, tag="SYNC_OPENED"):
    """A run began. ``flows``: those that it is for; empty: all. ``steps``: what is to be done, by the plan."""

    run: str
    account: str
    primary: Region
    standby: Region
    plan_hash: str
    by: str
    steps: int
    flows: tuple[str, ...] = ()
    workbook_sha256: str = ""


class TakenOver(_Said, frozen=True, tag="TAKEN_OVER"):
    """Something that was there belongs to the copy. ``how``: it was as the primary has it; ``--adopt`` asked; or it is
    what a run had asked for that did not see the answer.
    """

    key: Key
    sid: str
    how: Literal["equal", "asked", "made"]
    parent_sid: str | None = None


class SyncIntended(_Said, frozen=True, tag="SYNC_INTENDED"):
    """A request is about to be sent. ``fields`` are as they may be shown; ``sid`` is None for what is made."""

    step: int
    do: str
    key: Key
    fields: dict[str, str]
    sid: str | None = None


class SyncSeen(_Said, frozen=True, tag="SYNC_SEEN"):
    """It was done. ``read_back``: the answer was lost, and a look shows it."""

    step: int
    do: str
    key: Key
    sid: str
    read_back: bool = False
    parent_sid: str | None = None


class SyncDiffers(_Said, frozen=True, tag="SYNC_DIFFERS"):
    """It was done, and these fields are not as asked."""

    step: int
    do: str
    key: Key
    sid: str
    fields: tuple[str, ...]
    parent_sid: str | None = None


class SyncRefused(_Said, frozen=True, tag="SYNC_REFUSED"):
    """The provider said no, or was not reached. Nothing changed."""

    step: int
    key: Key
    why: str


class SyncUnsettled(_Said, frozen=True, tag="SYNC_UNSETTLED"):
    """The answer was lost, and it is not there yet."""

    step: int
    key: Key
    why: str


class SyncFinished(_Said, frozen=True, tag="SYNC_FINISHED"):
    """The run is over."""

    outcome: Outcome
    why: str = ""


SyncEvent = SyncOpened | TakenOver | SyncIntended | SyncSeen | SyncDiffers | SyncRefused | SyncUnsettled | SyncFinished

_encoder = msgspec.json.Encoder(order="sorted")
_decoder: msgspec.json.Decoder[SyncEvent] = msgspec.json.Decoder(SyncEvent)


def encode_sync(event: SyncEvent) -> bytes:
    """An event as the bytes that are kept and hashed."""
    return _encoder.encode(event)


def decode_sync(body: bytes) -> SyncEvent:
    """An event from its bytes.

    Raises:
        msgspec.DecodeError: If they are none.
    """
    return _decoder.decode(body)


def sync_link(run: str, seq: int, previous: str, body: bytes) -> str:
    """The hash of a record: the chain of executions, with term 0."""
    return link(run, seq, 0, previous, body)
