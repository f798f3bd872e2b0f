"""Each run goes into the gap list; people take gaps, fix them, and answer for them."""

from __future__ import annotations

from datetime import date, datetime

from voicedr.ports.gap_lists import GapLists
from voicedr.program.readiness.gaps import GapList, NotPossible, Waiver, fixed, merge, take, unwaive, waive
from voicedr.program.readiness.judge import ReadinessReport
from voicedr.program.scope.workbook import Person, Workbook

REASON_CHARACTERS_MAX = 500
"""A reason is read in a list."""


class NoSuchPerson(Exception):
    """The workbook has nobody of that id: whom it has. Nothing changed."""


def keep_gaps(lists: GapLists, report: ReadinessReport, now: datetime) -> GapList:
    """The list with what a run found.

    Raises:
        GapListUnusable, GapListBroken: The list is as it was.
    """
    return lists.change(lambda known: merge(known, report, now))


def take_gap(lists: GapLists, workbook: Workbook, id_: str, owner: str, due: date) -> GapList:
    """Give a gap to a person of the workbook.

    Raises:
        NoSuchPerson: If the workbook has nobody of that id. Nothing changed; so with the others below.
        NotPossible: If there is no such gap, or it is closed.
    """
    person = _person(workbook, owner)
    return lists.change(lambda known: take(known, id_, person.id, due))


def fix_gap(lists: GapLists, id_: str) -> GapList:
    """Say that a gap is fixed; the next run tests it."""
    return lists.change(lambda known: fixed(known, id_))


def waive_gap(
    lists: GapLists, workbook: Workbook, id_: str, owner: str, reason: str, until: date, now: datetime
) -> GapList:
    """Have a person of the workbook answer for a gap until a day."""
    person = _person(workbook, owner)
    why = " ".join(reason.split())
    if not why or len(why) > REASON_CHARACTERS_MAX:
        raise NotPossible(f"waiving {id_}: say why, in 1 to {REASON_CHARACTERS_MAX} characters: --why TEXT")
    return lists.change(lambda known: waive(known, id_, Waiver(person.id, why, until, now)))


def unwaive_gap(lists: GapLists, id_: str) -> GapList:
    """Take a waiver back."""
    return lists.change(lambda known: unwaive(known, id_))


def _person(workbook: Workbook, id_: str) -> Person:
    person = next((one for one in workbook.people if one.id == id_), None)
    if person is None:
        has = ", ".join(one.id for one in workbook.people) or "none"
        raise NoSuchPerson(f"{id_[:40]!r} is nobody in {workbook.path or 'the workbook'}. It has: {has}.")
    return person
