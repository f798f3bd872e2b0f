"""What a journal's records so far say of one cohort."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from voicedr.program.execution.plan import PlannedCohort
from voicedr.program.vocabulary import Verdict


@dataclass
class CohortSoFar:
    """What is known of a cohort."""

    planned: PlannedCohort
    routes: set[str] = field(default_factory=set)
    contexts: set[str] = field(default_factory=set)
    steered: set[str] = field(default_factory=set)
    """Names of actions on targets of the customer's SBCs."""
    numbers: set[str] = field(default_factory=set)
    order: list[str] = field(default_factory=list)
    """The numbers as they are planned."""
    there: set[str] = field(default_factory=set)
    """Names of actions whose subject is, as far as is known, in the new Region."""
    back: set[str] = field(default_factory=set)
    """Names of those that were undone."""
    proved: set[str] = field(default_factory=set)
    sids: set[str] = field(default_factory=set)
    good: int = 0
    bad: int = 0
    synthetic: int = 0
    ratio: float = 0.0
    """The gate's log likelihood ratio, for saying how many more good calls it needs."""
    verdict: Verdict | None = None
    verdict_at: datetime | None = None
    verdict_words: str = ""
    person_go: bool | None = None
    person: str | None = None
    started_at: datetime | None = None
    first_intent_at: datetime | None = None
    first_moved_at: datetime | None = None
    all_moved_at: datetime | None = None
    first_proved_at: datetime | None = None
    all_proved_at: datetime | None = None
    go_at: datetime | None = None

    @property
    def actions(self) -> int:
        """So many actions are planned for it."""
        return len(self.routes) + len(self.contexts) + len(self.steered)
