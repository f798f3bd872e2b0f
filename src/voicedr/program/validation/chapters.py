"""The parts of an execution's story, as values. ``story.tell`` makes them from a journal; every screen shows them.

None always means that the journal does not say: it is shown as "not known", never as zero.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from voicedr.program.execution.events import Asserted, Sighting
from voicedr.program.execution.plan import Plan
from voicedr.program.validation.callers import CallerTally
from voicedr.program.validation.surroundings import CohortCompared, Surroundings
from voicedr.program.vocabulary import Kind, Verdict

Outcome = Literal["done", "rolled-back", "aborted", "drifted"]


class Moment(msgspec.Struct, frozen=True):
    """Something that happened once. ``after_s`` counts from the moment before it in the list; None for the first."""

    name: str
    title: str
    at: datetime
    after_s: float | None = None


class Promise(msgspec.Struct, frozen=True):
    """The recovery time objective against the clock.

    Attributes:
        rto_s: What was promised; None before a plan is known.
        clock_from: What starts the clock.
        started_at: When it started.
        stopped_at: When every entry point was moved, every number proved by a call and every gate passed; else None.
        took_s: From start to stop.
        kept: True or False; None where it cannot be said, or does not apply. ``words`` says which.
        words: The answer with its arithmetic.
    """

    rto_s: float | None
    clock_from: Literal["detection", "opening"]
    started_at: datetime | None
    stopped_at: datetime | None
    took_s: float | None
    kept: bool | None
    words: str


class Approval(msgspec.Struct, frozen=True):
    """An approval. ``counts`` is False if it is of another plan, the second one of one person, or was refused.

    ``key`` is the kind and fingerprint of the key that signed it, and ``refused`` why it did not count, where known.
    """

    person: str
    role: str
    at: datetime
    plan_hash: str
    signed: bool
    counts: bool
    note: str = ""
    key: str = ""
    refused: str = ""

    @property
    def proof(self) -> str:
        """Whether it can be checked, in words."""
        return proof_of(self.signed, self.key, self.refused)


def proof_of(signed: bool, key: str, refused: str) -> str:
    """Whether an approval can be checked: ``signed (ed25519 SHA256:…)``, or that it is somebody's word, or refused."""
    if refused:
        return f"refused: {refused.rstrip('.')}"
    if signed:
        return f"signed ({key})" if key else "signed"
    return "unsigned: somebody's word"


class CallMark(msgspec.Struct, frozen=True):
    """A judged call on the timeline."""

    at: datetime
    cohort: str
    good: bool
    synthetic: bool


class Decision(msgspec.Struct, frozen=True):
    """Something that a person was asked, or said unasked. ``go`` None: not answered, so it holds."""

    cohort: str
    question: str | None
    roles: tuple[str, ...]
    asked_at: datetime | None
    taken_at: datetime | None = None
    go: bool | None = None
    by: str | None = None
    note: str = ""


class LostAnswer(msgspec.Struct, frozen=True):
    """A request whose answer was lost, and how it was settled. ``settled_at`` None: nobody has looked yet."""

    action: str
    at: datetime
    why: str
    settled_at: datetime | None = None
    how: str | None = None


class Refusal(msgspec.Struct, frozen=True):
    """Something that certainly did not happen. ``final`` and not ``done_later``: it is still not done."""

    action: str
    at: datetime
    why: str
    final: bool
    done_later: bool = False


class Stop(msgspec.Struct, frozen=True):
    """A stretch of waiting or standing still. ``to_at`` None: it had not ended when the journal ends."""

    kind: Literal["paused", "stopped", "nobody running"]
    from_at: datetime
    to_at: datetime | None
    words: str


class Said(msgspec.Struct, frozen=True):
    """A sentence somebody said at a time: an abort, a blind gate, a refused rollback."""

    at: datetime
    subject: str
    words: str


class ModeChange(msgspec.Struct, frozen=True):
    """From when on the Region that is left was asked nothing, or could be asked again, and by whose word."""

    at: datetime
    mode: str
    by: str
    words: str


class Rollback(msgspec.Struct, frozen=True):
    """A rollback, and the proof that everything is as it was.

    Attributes:
        planned: So many moves were to be undone.
        cohorts: In so many cohorts, the last moved first.
        undone: So many were, by the provider's answer or by looking.
        compared: Subjects read and compared with the snapshot; None if nobody compared.
        proved_back: Numbers to which a call was seen in the old Region again.
        equal: True only if all were read and none differs; None if not all were read or nobody compared.
    """

    ordered_at: datetime
    by: str
    why: str
    planned: int
    undone: int = 0
    proved_back: int = 0
    first_intent_at: datetime | None = None
    undone_at: datetime | None = None
    compared_at: datetime | None = None
    compared: int | None = None
    differences: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    cohorts: int = 1

    @property
    def equal(self) -> bool | None:
        """True if every subject was read and equals the snapshot."""
        if self.compared is None:
            return None
        if self.differences:
            return False
        return None if self.unread else True


class CohortChapter(msgspec.Struct, frozen=True):
    """One cohort. ``entry_points`` are its routes; ``numbers`` those of them that can be called to prove them.

    ``good`` and ``bad`` include the synthetic calls; ``synthetic`` says how many of them were our own.
    """

    name: str
    entry_points: int
    numbers: int
    moved: int = 0
    proved: int = 0
    moved_back: int = 0
    context: Literal["none", "not switched", "switched", "switched back"] = "none"
    good: int = 0
    bad: int = 0
    synthetic: int = 0
    verdict: Verdict | None = None
    verdict_at: datetime | None = None
    verdict_words: str = ""
    person_go: bool | None = None
    person: str | None = None
    good_to_go: int | None = None
    started_at: datetime | None = None
    first_intent_at: datetime | None = None
    first_moved_at: datetime | None = None
    all_moved_at: datetime | None = None
    first_proved_at: datetime | None = None
    all_proved_at: datetime | None = None
    go_at: datetime | None = None
    unproved: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Everything moved, every number proved, and the gate, or a person, said go."""
        proved = self.all_proved_at is not None or self.numbers == 0
        return self.go_at is not None and self.all_moved_at is not None and proved

    @property
    def passed_at(self) -> datetime | None:
        """When the last of these came; None if one of them is missing."""
        if not self.passed:
            return None
        return max(at for at in (self.go_at, self.all_moved_at, self.all_proved_at) if at is not None)

    @property
    def touched(self) -> bool:
        """Something of it was started."""
        return self.started_at is not None or self.first_intent_at is not None or self.moved > 0


class PlannedActual(msgspec.Struct, frozen=True):
    """What the plan forecast, and what came. The decision is in neither; waiting for people is in ``actual_s``."""

    shortest_s: float
    longest_s: float
    actual_s: float | None
    waited_for_people_s: float
    words: str
    terms: tuple[str, ...]


class Deficiency(msgspec.Struct, frozen=True):
    """What went wrong, or is not known, and what to do about it. ``hurts`` sorts: callers first.

    ``name`` is the same wherever the same thing goes wrong again, so that two executions can be compared by it.
    """

    hurts: Literal["callers", "proof", "people", "plan"]
    name: str
    what: str
    do: str


class TimelineLine(msgspec.Struct, frozen=True):
    """One record of the journal as a line. ``notable`` ones are for people in a hurry."""

    at: datetime
    event: str
    words: str
    notable: bool


class Story(msgspec.Struct, frozen=True):
    """What a reader needs of one execution: facts from its journal, and callers from outside if somebody counted."""

    title: str
    execution: str | None
    flow: str | None
    purpose: str | None
    mode: str | None
    kind: Kind | None
    leaves: str | None
    to: str | None
    plan_hash: str | None
    opened_by: str | None
    outcome: Outcome | None
    outcome_words: str
    summary: tuple[str, ...]
    moments: tuple[Moment, ...]
    promise: Promise
    approvals: tuple[Approval, ...]
    approvals_needed: int
    cohorts: tuple[CohortChapter, ...]
    decisions: tuple[Decision, ...]
    stops: tuple[Stop, ...]
    aborts: tuple[Said, ...]
    rollbacks: tuple[Rollback, ...]
    rollbacks_refused: tuple[Said, ...]
    lost_answers: tuple[LostAnswer, ...]
    in_flight: tuple[str, ...]
    refusals: tuple[Refusal, ...]
    skipped: tuple[Said, ...]
    already: tuple[str, ...]
    blind: tuple[Said, ...]
    drift: tuple[str, ...]
    sightings: tuple[Sighting, ...]
    requests_to_left_region: int | None
    planned_actual: PlannedActual | None
    deficiencies: tuple[Deficiency, ...]
    next_steps: tuple[str, ...]
    callers: CallerTally | None
    calls: tuple[CallMark, ...]
    timeline: tuple[TimelineLine, ...]
    plan: Plan | None
    records: int
    head: str | None
    runners: int
    last_at: datetime | None
    mode_changes: tuple[ModeChange, ...] = ()
    """What people made of the plan's mode while it ran. ``mode`` is the last one."""
    assertions: tuple[Asserted, ...] = ()
    """What was looked at before a cohort moved, and after."""
    compared: tuple[CohortCompared, ...] = ()
    reconciled: tuple[Said, ...] = ()
    """What was fetched afterwards of what the Region held, each time that was done."""
    around: Surroundings = Surroundings()
    """What other records than its own journal say; empty until somebody has looked."""

    @property
    def entry_points(self) -> int:
        """Entry points in the plan."""
        return sum(cohort.entry_points for cohort in self.cohorts)

    @property
    def moved(self) -> int:
        """Entry points that were seen routed to the new Region, whatever came after."""
        return sum(cohort.moved for cohort in self.cohorts)

    @property
    def moved_back(self) -> int:
        """Entry points of those that were seen routed back."""
        return sum(cohort.moved_back for cohort in self.cohorts)

    @property
    def numbers(self) -> int:
        """Telephone numbers in the plan."""
        return sum(cohort.numbers for cohort in self.cohorts)

    @property
    def proved(self) -> int:
        """Numbers of those to which a call was seen in the new Region."""
        return sum(cohort.proved for cohort in self.cohorts)

    @property
    def good(self) -> int:
        """Good calls judged in the new Region."""
        return sum(cohort.good for cohort in self.cohorts)

    @property
    def bad(self) -> int:
        """Bad calls judged in the new Region."""
        return sum(cohort.bad for cohort in self.cohorts)

    @property
    def synthetic(self) -> int:
        """Calls of those that were our own test calls."""
        return sum(cohort.synthetic for cohort in self.cohorts)

    def moment(self, name: str) -> Moment | None:
        """A key moment by its name, or None if the journal does not have it."""
        return next((moment for moment in self.moments if moment.name == name), None)
