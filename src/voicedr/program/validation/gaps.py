"""Deficiencies as gaps: each with an owner, a day, and what the next test found of it.

A gap has a name that is the same in every execution, so that two tests can be compared by it. Absence proves something
only where the other test went as far: what was not looked at again is not gone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal

from voicedr.program.scope.workbook import Flow, Person
from voicedr.program.validation.chapters import Deficiency, Story
from voicedr.program.validation.spoken import listed
from voicedr.program.validation.surroundings import Gap, Retested

State = Literal["not found again", "found again", "not tested again"]

DUE_DAYS: Mapping[str, int] = {"callers": 7, "proof": 14, "people": 30, "plan": 30}
"""Days after the end until a gap should be closed, by what it hurts. Assumption: ours, a place to begin from; no rule
book that we know of names a number of days. Agree on your own with whoever owns the gaps."""

NO_OWNER = "nobody: the workbook has no such flow"


def gaps_of(
    story: Story, flow: Flow | None, people: Sequence[Person] = (), later: Story | None = None
) -> tuple[Gap, ...]:
    """The deficiencies of an execution as gaps.

    Args:
        story: The execution.
        flow: As the workbook has it now, for its roles; None: it is not there (any more).
        people: Of the workbook.
        later: The next finished test of the same flow and purpose; None: there has been none.
    """
    finished = story.moment("finished")
    ended_at = None if finished is None else finished.at
    return tuple(
        Gap(
            name=one.name,
            hurts=one.hurts,
            what=one.what,
            do=one.do,
            owner=_owner(one, flow, people),
            due_at=None if ended_at is None else _due(one, ended_at),
            state="open" if later is None else seen_again(one, later),
            retested_by="" if later is None else later.execution or "",
        )
        for one in story.deficiencies
    )


def retested(before: Story, now: Story) -> tuple[Retested, ...]:
    """What this execution found of the gaps of the test before it."""
    return tuple(Retested(one.name, one.what, seen_again(one, now)) for one in before.deficiencies)


def seen_again(gap: Deficiency, later: Story) -> State:
    """What another execution says of a gap: by its name, and only if it went as far as to the end of the moving."""
    if any(one.name == gap.name for one in later.deficiencies):
        return "found again"
    tested = later.outcome == "done" or (later.outcome == "rolled-back" and gap.hurts in ("people", "plan"))
    return "not found again" if tested else "not tested again"


def _due(gap: Deficiency, ended_at: datetime) -> datetime:
    day = ended_at.replace(hour=0, minute=0, second=0, microsecond=0)
    return day + timedelta(days=DUE_DAYS[gap.hurts])


def _owner(gap: Deficiency, flow: Flow | None, people: Sequence[Person]) -> str:
    """Approvers own what concerns people; who assesses the technology owns the rest."""
    if flow is None:
        return NO_OWNER
    roles = flow.roles.approval if gap.hurts == "people" else (flow.roles.technical_assessment,)
    have = [person.name for person in people if set(person.roles) & set(roles)]
    who = f" ({listed(have, 3)})" if have else " (nobody has it)"
    return f"{listed(roles, 3)}{who}"
