"""The time that a flow was in the standby: from the first entry point that moved there to the proof that it is home.

Worked out from the journals of the flow's executions. A failback's last proof ends it, or a rollback whose comparison
found everything as it was; until then it is open, and what comes later is not in an export made now.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import msgspec

from voicedr.program.execution import events as ev
from voicedr.program.vocabulary import Purpose, Region

SKEW_S = 30.0
"""The provider's clock and ours may differ by so much. The same on both ends."""


class Stay(msgspec.Struct, frozen=True):
    """A flow's time in the standby.

    Attributes:
        execution: What moved it there.
        until: When it was proved home; None: it was not, as far as the journals say.
        ended_by: What says so, in words.
    """

    execution: str
    flow: str
    region: Region
    since: datetime
    until: datetime | None
    ended_by: str


class NothingThere(Exception):
    """Nothing was moved to a standby by this execution, so nothing was left there."""


def stay_of(execution: str, events: Sequence[ev.Event], later: Iterable[tuple[str, Sequence[ev.Event]]]) -> Stay:
    """The time that an execution's flow was in the standby.

    Args:
        execution: A failover's id.
        events: Its journal.
        later: Ids and journals of the flow's later executions, oldest first.

    Raises:
        NothingThere: If it is no failover, or moved nothing.
    """
    opened = events[0]
    if not isinstance(opened, ev.Opened) or opened.plan.purpose is not Purpose.FAILOVER:
        raise NothingThere(
            f"{execution} brings a flow home; what was left behind is asked of the failover before it:"
            " voicedr executions lists them"
        )
    moved = [one.at for one in events if isinstance(one, ev.Intended)]
    if not moved:
        raise NothingThere(f"{execution} moved nothing, so nothing was left in {opened.plan.to}")
    since = min(moved) - timedelta(seconds=SKEW_S)
    until, words = _rolled_back(execution, events, opened.plan.propagation_s_max)
    if until is None:
        for name, journal in later:
            until, words = _brought_home(name, journal)
            if until is not None:
                break
    words = words or f"nothing yet: the journals do not say that {opened.plan.flow} is home"
    return Stay(execution, opened.plan.flow, opened.plan.to, since, until, words)


def _rolled_back(execution: str, events: Sequence[ev.Event], propagation_s_max: float) -> tuple[datetime | None, str]:
    """A rollback is proved by routes, so calls may arrive as long as these may take to reach every edge."""
    finished = next((one for one in events if isinstance(one, ev.Finished)), None)
    compared = [one.at for one in events if isinstance(one, ev.Compared) and not (one.differences or one.unread)]
    if finished is None or finished.outcome != "rolled-back" or not compared:
        return None, ""
    until = compared[-1] + timedelta(seconds=propagation_s_max + SKEW_S)
    return until, f"the rollback of {execution}, and {propagation_s_max:g} s for its routes to arrive everywhere"


def _brought_home(execution: str, events: Sequence[ev.Event]) -> tuple[datetime | None, str]:
    opened = events[0]
    finished = next((one for one in events if isinstance(one, ev.Finished)), None)
    if not isinstance(opened, ev.Opened) or opened.plan.purpose is not Purpose.FAILBACK:
        return None, ""
    if finished is None or finished.outcome != "done":
        return None, ""
    proofs = [one.at for one in events if isinstance(one, ev.Proved) and one.region == opened.plan.to]
    last = max(proofs, default=finished.at)
    return last + timedelta(seconds=SKEW_S), f"the last number that {execution} proved in {opened.plan.to}"
