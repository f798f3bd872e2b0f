"""Whether the recovery time objective can be kept: the critical path from the outage to served callers, in minutes.

The path is what follows one after another whatever is done: somebody notices, somebody decides, the plan runs its
course, and clients whose tokens lead to the old Region come over. The course's own arithmetic is the forecast's. What
nobody has said is no zero: it is left out and named, and then the answer is at best "not known".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from voicedr.program.execution.forecast import forecast
from voicedr.program.readiness.declared import About
from voicedr.program.readiness.said import Said
from voicedr.program.readiness.subjects import Case


class Leg(msgspec.Struct, frozen=True):
    """One stretch of the path, in seconds.

    Attributes:
        what: What happens in it.
        how: The arithmetic behind it, a line each.
        shortest_s, longest_s: How long it takes; None: nobody has said.
        beside: True if it runs beside the stretch before it, so that the longer one of the two counts.
    """

    what: str
    how: tuple[str, ...]
    shortest_s: float | None
    longest_s: float | None
    beside: bool = False


class Achievability(msgspec.Struct, frozen=True):
    """The whole path beside the promise.

    Attributes:
        legs: The stretches, in order.
        shortest_s, longest_s: Of all that is known.
        rto_s: The promise.
        unknown: What nobody has said, in words.
        calls_lost: Callers that reach nobody on the longest path, at the rate of a busy minute; None: rate not said.
    """

    legs: tuple[Leg, ...]
    shortest_s: float
    longest_s: float
    rto_s: float
    unknown: tuple[str, ...]
    calls_lost: float | None

    @property
    def kept(self) -> bool | None:
        """True: even the longest path keeps it. False: it does not. None: what is known does, and not all is known."""
        if self.longest_s > self.rto_s:
            return False
        return None if self.unknown else True

    @property
    def sentence(self) -> str:
        """The sum, in minutes: ``"2 + 11.4 = 13.4 of 15 min"``."""
        parts = " + ".join(minutes(seconds) for seconds in _in_line(self.legs, "longest_s"))
        return f"{parts} = {minutes(self.longest_s)} of {minutes(self.rto_s)} min"


def achievability(case: Case) -> Achievability:
    """The path of a flow's failover in its longest and shortest form."""
    flow = case.flow
    course = forecast(flow, case.account)
    legs = [
        _decision(case),
        Leg("the plan runs its course", course.terms, course.shortest_s, course.longest_s),
    ]
    if (clients := _clients(case)) is not None:
        legs.append(clients)
    shortest_s, longest_s = sum(_in_line(legs, "shortest_s")), sum(_in_line(legs, "longest_s"))
    rate = _calls_per_minute(case)
    return Achievability(
        legs=tuple(legs),
        shortest_s=shortest_s,
        longest_s=longest_s,
        rto_s=flow.rto_s,
        unknown=tuple(f"how long it takes until {leg.what}" for leg in legs if leg.longest_s is None),
        calls_lost=None if rate is None else rate * longest_s / 60,
    )


def minutes(seconds: float) -> str:
    """Seconds as minutes with one digit, without an empty one."""
    return f"{seconds / 60:.1f}".removesuffix(".0")


def _in_line(legs: Sequence[Leg], which: Literal["shortest_s", "longest_s"]) -> list[float]:
    """The seconds that follow one after another: of stretches beside each other, the longer one."""
    line: list[float] = []
    for leg in legs:
        seconds = getattr(leg, which)
        if seconds is None:
            continue
        if leg.beside and line:
            line[-1] = max(line[-1], seconds)
        else:
            line.append(seconds)
    return line


def _calls_per_minute(case: Case) -> float | None:
    if case.flow.impact.calls_per_minute is not None:
        return case.flow.impact.calls_per_minute
    rates = [cohort.calls_per_minute for cohort in case.flow.cohorts]
    known = [rate for rate in rates if rate is not None]
    return sum(known) if known and len(known) == len(rates) else None


def _decision(case: Case) -> Leg:
    targets = case.flow.decision_targets
    what = "somebody has noticed and decided"
    steps = (("declared", targets.declared_s), ("assessed", targets.assessed_s), ("approved", targets.approved_s))
    how = tuple(f"{step} {minutes(at_s)} min after detection" for step, at_s in steps if at_s is not None)
    at_s = targets.first_act_s if targets.first_act_s is not None else targets.approved_s
    if at_s is None:
        return Leg(what, ("write the flow's decision_targets: when it should be declared and approved",), None, None)
    if targets.first_act_s is not None:
        how += (f"first act {minutes(targets.first_act_s)} min after detection",)
    return Leg(what, how, 0.0, at_s)


def _clients(case: Case) -> Leg | None:
    """Clients of the Voice SDKs stay in the old Region until they have a new token; None if the flow has none."""
    versions = case.said(About.CLIENT_VERSIONS)
    if not isinstance(versions, Said) or not versions.value:
        return None
    life = case.said(About.TOKEN_TTL)
    what = "the last SDK client has a token of the standby"
    if isinstance(life, Said) and isinstance(life.value, int | float):
        return Leg(
            what, (f"tokens live {minutes(life.value)} min (declared by {life.owner})",), 0.0, float(life.value), True
        )
    return Leg(what, ("declare token-ttl",), None, None, True)
