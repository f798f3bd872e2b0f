"""How one action stands, and what each event makes of it. ``ROWS`` is the whole truth; nothing else is possible.

The reference page is printed from the same rows, and a test walks them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from voicedr.program.execution import events as ev
from voicedr.program.execution.actions import Action, SteerDispatcher
from voicedr.program.scope.sbc import as_good_as


class Stage(StrEnum):
    """How one action stands."""

    PENDING = "pending"
    IN_FLIGHT = "in flight"
    UNSETTLED = "unsettled"
    DONE = "done"
    REFUSED = "refused"
    SKIPPED = "skipped"


@dataclass
class ActionState:
    """One action and how it stands."""

    action: Action
    cohort: str
    stage: Stage = Stage.PENDING
    attempts: int = 0
    why: str = ""
    done_at: datetime | None = None
    intended_at: datetime | None = None
    doubtful: bool = False
    """True while nobody knows whether the last request took effect, also after a person left it so."""

    @property
    def wanted(self) -> str:
        """What must be seen for this action to be done: a Region, or a state of a dispatcher's target."""
        return self.action.to

    @property
    def touched(self) -> bool:
        """True if it took effect, or may have.

        A route that was not seen as wanted may still appear, and writing it again harms nobody. A target of an SBC that
        certainly was not steered by us stands as somebody else wants it, and is theirs.
        """
        if self.stage in (Stage.DONE, Stage.UNSETTLED, Stage.IN_FLIGHT):
            return True
        return self.attempts > 0 and (self.doubtful or not isinstance(self.action, SteerDispatcher))


class Row(NamedTuple):
    """One line of the table. ``holds`` is asked of the event; ``when`` says the same in words."""

    stage: Stage
    event: type[ev.Event]
    becomes: Stage
    when: str = ""
    note: str = ""
    holds: Callable[[ActionState, ev.Event], bool] = lambda _state, _event: True


def _as_wanted(state: ActionState, event: ev.Event) -> bool:
    if not isinstance(event, ev.Answered | ev.Looked):
        return False
    if isinstance(state.action, SteerDispatcher):
        return as_good_as(event.state, state.wanted)
    return event.shows == state.wanted


def _final(_state: ActionState, event: ev.Event) -> bool:
    return isinstance(event, ev.NotDone) and event.final


_LEFT = "a person says: leave it where it is"

ROWS: tuple[Row, ...] = (
    Row(Stage.PENDING, ev.Intended, Stage.IN_FLIGHT),
    Row(Stage.IN_FLIGHT, ev.Answered, Stage.DONE, "as wanted", holds=_as_wanted),
    Row(Stage.IN_FLIGHT, ev.Answered, Stage.UNSETTLED, "otherwise"),
    Row(Stage.IN_FLIGHT, ev.AnswerLost, Stage.UNSETTLED),
    Row(Stage.IN_FLIGHT, ev.NotDone, Stage.REFUSED, "final", "saying it again says no again", _final),
    Row(Stage.IN_FLIGHT, ev.NotDone, Stage.PENDING, "otherwise"),
    Row(Stage.IN_FLIGHT, ev.RunnerStarted, Stage.UNSETTLED, note="a crash in flight is an answer lost"),
    Row(Stage.UNSETTLED, ev.Looked, Stage.DONE, "as wanted", holds=_as_wanted),
    Row(Stage.UNSETTLED, ev.Looked, Stage.PENDING, "otherwise", "it was not done, or not kept: it may be said again"),
    Row(Stage.REFUSED, ev.Resumed, Stage.PENDING, note="a person says: try again"),
    Row(Stage.REFUSED, ev.Skipped, Stage.SKIPPED, note=_LEFT),
    Row(Stage.PENDING, ev.Skipped, Stage.SKIPPED, note=_LEFT),
    Row(Stage.UNSETTLED, ev.Skipped, Stage.SKIPPED, note=f"{_LEFT}; a rollback undoes it all the same"),
)


def next_stage(state: ActionState, event: ev.Event) -> Stage | None:
    """What an event makes of an action; None if it cannot follow, or says nothing of it."""
    for row in ROWS:
        if row.stage is state.stage and isinstance(event, row.event) and row.holds(state, event):
            return row.becomes
    return None
