"""The page on which approvals are given: what the plan does, who approved, whose statement waits, and a form.

It needs no script and loads nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from voicedr.program.execution.events import Approved
from voicedr.program.execution.plan import Plan, plan_hash
from voicedr.program.governance.packet import takes_line
from voicedr.program.governance.packet_parts import Line, Sure, actions_of, back_words
from voicedr.program.scope.workbook import Workbook
from voicedr.program.validation.spoken import clock, short, stamp
from voicedr.usecases.write_packet import CLASSES, MARKS


class Waiting(msgspec.Struct, frozen=True):
    """A statement that somebody may sign now. ``person`` is their id, ``text`` exactly what is signed."""

    person: str
    name: str
    role: str
    text: str


def approval_page(
    plan: Plan,
    workbook: Workbook,
    *,
    now: datetime,
    given: Sequence[Approved],
    missing: str,
    waiting: Sequence[Waiting],
    told: str = "",
    good: bool = True,
) -> str:
    """The page as it stands now.

    Args:
        plan: What is to be approved.
        workbook: As it is now.
        now: When the page was made.
        given: The plan's approvals, checked just now.
        missing: What is missing, in words; empty if it is approved.
        waiting: The statements of those who may approve and have not.
        told: What became of the approval that was just sent; empty: none was.
        good: Whether that is good news.
    """
    back = Line("back", back_words(plan, plan.mode, plan.leaves), Sure.SAID)
    return _page().render(
        plan=plan,
        plan_hash=plan_hash(plan),
        now=now,
        lines=(*actions_of(plan, workbook), takes_line(plan), back),
        marks=MARKS,
        classes=CLASSES,
        given=given,
        missing=missing,
        waiting=waiting,
        told=told,
        good=good,
    )


@cache
def _page() -> Template:
    environment = Environment(
        loader=PackageLoader("voicedr.usecases", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update({"clock": clock, "stamp": stamp, "short": short})
    return environment.get_template("approve.html")
