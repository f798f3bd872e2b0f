"""Conferences, queues and recordings of a Region, as plain values."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Participant:
    """A call in a conference (https://www.twilio.com/docs/voice/api/conference-participant-resource).

    Attributes:
        status: ``connected`` while it is there, ``complete`` when it has left.
    """

    call_sid: str
    joined_at: float
    label: str = ""
    muted: bool = False
    hold: bool = False
    start_conference_on_enter: bool = True
    end_conference_on_exit: bool = False
    coaching: bool = False
    call_sid_to_coach: str = ""
    status: str = "connected"
    left_at: float | None = None


@dataclass(slots=True)
class Conference:
    """A conference, made by the first call that names it (https://www.twilio.com/docs/voice/api/conference-resource).

    Attributes:
        status: ``init`` until it starts, ``in-progress``, ``completed`` when the last has left or it was ended.
        reason_ended: ``conference-ended-via-api``, ``participant-with-end-conference-on-exit-left`` or
            ``last-participant-left``; empty while it lasts.
    """

    sid: str
    friendly_name: str
    created_at: float
    updated_at: float
    status: str = "init"
    region: str = ""
    reason_ended: str = ""
    call_sid_ending_conference: str = ""
    started_at: float | None = None
    ended_at: float | None = None
    max_participants: int = 250
    participants: dict[str, Participant] = field(default_factory=dict)
    """By call SID, also those that have left."""

    @property
    def present(self) -> list[Participant]:
        """Who is there now, in the order in which they came."""
        return [one for one in self.participants.values() if one.status == "connected"]


@dataclass(slots=True)
class QueueMember:
    """A call that waits in a queue."""

    call_sid: str
    enqueued_at: float


@dataclass(slots=True)
class Queue:
    """A queue of callers, made by REST or by the first Enqueue that names it.

    https://www.twilio.com/docs/voice/api/queue-resource: at most 1000 callers unless REST says more (5000).
    """

    sid: str
    friendly_name: str
    created_at: float
    updated_at: float
    max_size: int = 1000
    members: list[QueueMember] = field(default_factory=list)
    """The front one first."""
    waited_s: float = 0.0
    served: int = 0

    @property
    def current_size(self) -> int:
        """How many wait now."""
        return len(self.members)

    @property
    def average_wait_s(self) -> int:
        """Mean seconds that those who were taken had waited; 0 if nobody was."""
        return round(self.waited_s / self.served) if self.served else 0

    def position(self, call_sid: str) -> int:
        """1 for the front caller; 0 if this call does not wait here."""
        return next((at for at, one in enumerate(self.members, 1) if one.call_sid == call_sid), 0)


@dataclass(slots=True)
class Recording:
    """A recording (https://www.twilio.com/docs/voice/api/recording). There is no sound in it, only its length.

    Attributes:
        source: ``RecordVerb``, ``DialVerb``, ``Conference``, ``StartCallRecordingTwiML``, ``OutboundAPI`` …
        status: ``in-progress``, ``paused``, ``stopped``, ``completed``, ``absent``.
        duration_s: None until it is stopped or completed.
        paused_at: Since when nothing is recorded; None if it runs, or records the pause as silence.
        paused_s: How long it was paused before.
    """

    sid: str
    call_sid: str
    source: str
    created_at: float
    updated_at: float
    status: str = "in-progress"
    channels: int = 1
    track: str = "both"
    conference_sid: str = ""
    started_at: float | None = None
    duration_s: int | None = None
    paused_at: float | None = None
    paused_s: float = 0.0

    def resume(self, now: float) -> None:
        """Nothing is left out from now on."""
        if self.paused_at is not None:
            self.paused_s, self.paused_at = self.paused_s + now - self.paused_at, None
