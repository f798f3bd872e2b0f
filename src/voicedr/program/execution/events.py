"""What an execution's journal can say. Events are what happened; how things stand is folded from them in ``state``.

Intent is written before the act, and what was seen after it. Old journals must replay: fields are added with a
default, never renamed.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from voicedr.program.execution.actions import Action
from voicedr.program.execution.plan import Plan
from voicedr.program.readiness.resources import Routable
from voicedr.program.vocabulary import E164, US1, Kind, Mode, Region, Verdict


class _Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="event"):
    at: datetime
    command: int = 0
    """The command that this event obeys, by its number in the journal's list; 0 if nobody commanded it."""


class Sighting(msgspec.Struct, frozen=True):
    """One signal of a detection: what looked, what it saw, and whether that speaks for a failed Region."""

    signal: str
    said: str
    bad: bool


class Opened(_Event, frozen=True, tag="OPENED"):
    """An execution was opened for a plan.

    Attributes:
        incident: The incident that it belongs to; empty if none was declared.
        incident_head: The hash of the incident's last record when this was opened, and
        incident_size: so many records it had then. Empty and 0 in executions of earlier releases.
        broke: Rules over which glass was broken, in words.
        rule: The rule by which it was opened without people; empty if people approved it.
        workbook_sha256: Of the workbook's file when it was opened; empty if nobody said.
    """

    execution: str
    plan: Plan
    plan_hash: str
    kind: Kind
    by: str
    detected_at: datetime | None = None
    sightings: tuple[Sighting, ...] = ()
    incident: str = ""
    broke: tuple[str, ...] = ()
    rule: str = ""
    incident_head: str = ""
    incident_size: int = 0
    workbook_sha256: str = ""


class Approved(_Event, frozen=True, tag="APPROVED"):
    """Somebody approved the plan with this hash. ``signed`` is False where it is only somebody's word.

    Attributes:
        signed: True only where the signature was verified before this was written.
        person_id: The person's id in the workbook, where it is signed.
        statement: The exact text that was signed.
        signature: The signature over it.
        key: Kind and fingerprint of the key, e.g. ``ed25519 SHA256:…``.
        refused: Why it did not count when the execution was opened; empty if it did.
    """

    person: str
    role: str
    plan_hash: str
    signed: bool = False
    note: str = ""
    person_id: str = ""
    statement: str = ""
    signature: str = ""
    key: str = ""
    refused: str = ""


class RunnerStarted(_Event, frozen=True, tag="RUNNER_STARTED"):
    """A process took the execution in hand. The first one starts it, later ones resume it.

    ``gap_s``: so long nobody had it, after a process that ended without giving it back; 0 where it was given back.
    """

    holder: str
    term: int
    gap_s: float = 0.0


class DriftFound(_Event, frozen=True, tag="DRIFT_FOUND"):
    """Before the first act, the world was not as the plan had it. Nothing was changed."""

    differences: tuple[str, ...]


class CohortStarted(_Event, frozen=True, tag="COHORT_STARTED"):
    """A cohort may move from now on."""

    cohort: str


class Intended(_Event, frozen=True, tag="INTENDED"):
    """A request is about to be sent."""

    action: str
    attempt: int


class Answered(_Event, frozen=True, tag="ANSWERED"):
    """It was done, and whoever did it said so. ``shows`` is what the answer shows, not what we asked.

    ``state`` stands for the Region where a dispatcher's target was steered: how it was read back.
    """

    action: str
    region: Region | None
    source: str
    state: str = ""

    @property
    def shows(self) -> str:
        """The Region, or how the target stands."""
        return self.state or self.region or ""


class Looked(_Event, frozen=True, tag="LOOKED"):
    """An answer had been lost; this is how the thing stands now. ``region`` None: no route was ever set (us1).

    ``state`` stands for the Region where a dispatcher's target was looked at.
    """

    action: str
    region: Region | None
    source: str
    state: str = ""

    @property
    def shows(self) -> str:
        """The Region, or how the target stands."""
        return self.state or self.region or US1


class AnswerLost(_Event, frozen=True, tag="ANSWER_LOST"):
    """Sent, and not answered. It may have taken effect."""

    action: str
    why: str


class NotDone(_Event, frozen=True, tag="NOT_DONE"):
    """It certainly did not happen. ``final`` means: saying it again says no again."""

    action: str
    why: str
    final: bool


class Skipped(_Event, frozen=True, tag="SKIPPED"):
    """A person decided to leave this one where it is."""

    action: str
    by: str
    why: str


class TestCallPlaced(_Event, frozen=True, tag="TEST_CALL_PLACED"):
    """Our own call to a moved number. ``call_sid`` None: nobody knows whether it was placed."""

    number: E164
    call_sid: str | None
    why: str = ""


class Proved(_Event, frozen=True, tag="PROVED"):
    """A call to a moved number was seen in the Region it was moved to."""

    number: E164
    call_sid: str
    region: Region
    synthetic: bool


class CallJudged(_Event, frozen=True, tag="CALL_JUDGED"):
    """A call that ended in the new Region, and what the signals said of it."""

    cohort: str
    call_sid: str
    number: E164
    good: bool
    synthetic: bool
    why: str
    veto: bool = False


class GateSpoke(_Event, frozen=True, tag="GATE_SPOKE"):
    """A gate's verdict changed."""

    cohort: str
    verdict: Verdict
    why: str
    good: int
    bad: int
    synthetic: int


class GateBlind(_Event, frozen=True, tag="GATE_BLIND"):
    """The gate could not measure. That is neither good nor bad."""

    cohort: str
    why: str


class DecisionAsked(_Event, frozen=True, tag="DECISION_ASKED"):
    """A person must say how to go on. Silence means hold."""

    cohort: str
    question: str
    roles: tuple[str, ...]


class DecisionTaken(_Event, frozen=True, tag="DECISION_TAKEN"):
    """A person said so."""

    cohort: str
    go: bool
    by: str
    note: str = ""


class Paused(_Event, frozen=True, tag="PAUSED"):
    """Nothing new is started until somebody resumes. Requests in flight are finished."""

    by: str
    why: str


class Resumed(_Event, frozen=True, tag="RESUMED"):
    """Goes on. ``why`` is always there after an emergency stop."""

    by: str
    why: str = ""


class Stopped(_Event, frozen=True, tag="STOPPED"):
    """Emergency stop: nothing that changes anything is sent until a person resumes with a reason. Looking goes on."""

    by: str
    why: str


class CommandRefused(_Event, frozen=True, tag="COMMAND_REFUSED"):
    """A command that means nothing as the execution stands. Nothing was changed."""

    name: str
    by: str
    why: str


class ModeSwitched(_Event, frozen=True, tag="MODE_SWITCHED"):
    """From now on the Region that is left is never asked (ungraceful), or may be asked again (graceful).

    Attributes:
        role: In which approving role the person said so; needed for graceful.
        seen: What showed that the Region is alive; empty for ungraceful.
        refuses: What cannot be done any more, in words.
    """

    mode: Mode
    by: str
    why: str
    role: str = ""
    seen: str = ""
    refuses: tuple[str, ...] = ()


class Unfit(msgspec.Struct, frozen=True):
    """An entry point that an assertion speaks of, and what is wrong with it or why nobody could look."""

    subject: str
    words: str


class Asserted(_Event, frozen=True, tag="ASSERTED"):
    """What must hold before a cohort moves, or after it has moved, was looked at.

    Attributes:
        checked: So many entry points were looked at.
        failed: What does not hold.
        unseen: What nobody could look at. It holds the execution as a failure does.
        not_looked: What was left out on purpose, in words. It never counts as passed.
        waived_by: The person who goes on in spite of it.
    """

    cohort: str
    when: Literal["before", "after"]
    checked: int
    failed: tuple[Unfit, ...] = ()
    unseen: tuple[Unfit, ...] = ()
    not_looked: tuple[str, ...] = ()
    waived_by: str = ""

    @property
    def holds(self) -> bool:
        """True if nothing failed and everything that was looked for was seen, or a person took it on."""
        return bool(self.waived_by) or not (self.failed or self.unseen)


class Aborted(_Event, frozen=True, tag="ABORTED"):
    """Nothing more is started, ever; what was moved stays where it is."""

    by: str
    why: str


class RollbackAsked(_Event, frozen=True, tag="ROLLBACK_ASKED"):
    """A gate or a person wants everything moved back. Nothing more is moved out; whether it can be is looked at next.

    ``left_is_back``: a person says that the Region which was left is alive, so it may be asked in spite of an
    ungraceful plan.
    """

    by: str
    why: str
    left_is_back: bool = False


class Batch(msgspec.Struct, frozen=True):
    """So many of a rollback's actions, in their order, that are moved back together; the name of their cohort."""

    cohort: str
    size: int


class RollbackOrdered(_Event, frozen=True, tag="ROLLBACK_ORDERED"):
    """Everything moved is to be moved back. The Region that was left was seen alive and configured right before.

    Attributes:
        actions: The exact inverses, last moved first.
        batches: How they are divided; empty (also in journals of earlier releases): all at once.
        pause_s: Between two of them.
    """

    by: str
    why: str
    actions: tuple[Action, ...]
    batches: tuple[Batch, ...] = ()
    pause_s: float = 0.0


class RollbackRefused(_Event, frozen=True, tag="ROLLBACK_REFUSED"):
    """The Region to go back to is dead or cold. Nothing was changed."""

    by: str
    why: str
    instead: tuple[str, ...]


class Compared(_Event, frozen=True, tag="COMPARED"):
    """After a rollback, every subject was read and compared with the snapshot."""

    subjects: int
    differences: tuple[str, ...]
    unread: tuple[Routable, ...] = ()


class Finished(_Event, frozen=True, tag="FINISHED"):
    """The end."""

    outcome: Literal["done", "rolled-back", "aborted", "drifted"]
    requests_to_left_region: int = 0


class Reconciled(_Event, frozen=True, tag="RECONCILED"):
    """What was left in the Region that a flow was moved to was fetched. It comes after the end, and changes nothing.

    Attributes:
        until: When the flow was proved home; None: it was not yet.
        unsettled: So many things are missing that may be there.
        manifest: SHA-256 of the manifest.
    """

    region: Region
    by: str
    since: datetime
    until: datetime | None
    calls: int
    recordings: int
    voicemails: int
    transcriptions: int
    messages: int
    media: int
    media_bytes: int
    missing: int
    unsettled: int
    manifest: str
    redacted: bool = False


Event = (
    Opened
    | Approved
    | RunnerStarted
    | DriftFound
    | CohortStarted
    | Intended
    | Answered
    | Looked
    | AnswerLost
    | NotDone
    | Skipped
    | TestCallPlaced
    | Proved
    | CallJudged
    | GateSpoke
    | GateBlind
    | DecisionAsked
    | DecisionTaken
    | Paused
    | Resumed
    | Stopped
    | CommandRefused
    | ModeSwitched
    | Asserted
    | Aborted
    | RollbackAsked
    | RollbackOrdered
    | RollbackRefused
    | Compared
    | Finished
    | Reconciled
)
