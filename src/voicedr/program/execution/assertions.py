"""What must hold before a cohort moves and after it has moved, judged from what was read just now.

    before   the Region it goes to is one where the flow may be processed
             everything that will move has a handler there: a number without one is refused at the edge, without a log
    after    every route is answered as wanted, and read back as wanted (of many, an even sample is read)
             everything that moved still has its handler there

What nobody could look at is neither: it holds the execution until somebody looks again or takes it on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from voicedr.program.execution.actions import SetRoute
from voicedr.program.execution.events import Unfit
from voicedr.program.execution.stages import ActionState, Stage
from voicedr.program.readiness.facts import Fact, Observed, Unobserved
from voicedr.program.readiness.resources import Routable
from voicedr.program.readiness.snapshot import Snapshot
from voicedr.program.vocabulary import E164, Region

SAMPLE_MAX = 50
"""So many routes of a cohort are read again after it has moved. Each was answered as wanted before; the sample finds a
provider that answers one thing and keeps another, which would not do so for one number only."""

NAMED_MAX = 3

Found = tuple[tuple[Unfit, ...], tuple[Unfit, ...]]
"""What does not hold, and what nobody could look at."""


def to_check(actions: Iterable[ActionState]) -> list[Routable]:
    """The entry points of actions that a person has not left where they are."""
    return [
        state.action.subject
        for state in actions
        if isinstance(state.action, SetRoute) and state.stage is not Stage.SKIPPED
    ]


def sample(subjects: Sequence[Routable], most: int = SAMPLE_MAX) -> list[Routable]:
    """At most so many, spread evenly, the first and the last among them. The same every time."""
    if len(subjects) <= most:
        return list(subjects)
    return [subjects[round(n * (len(subjects) - 1) / (most - 1))] for n in range(most)]


def breaks_residency(region: Region, *rules: Sequence[Region]) -> str | None:
    """Why a Region is not allowed; None if it is. A rule without Regions is none."""
    for allowed in rules:
        if allowed and region not in allowed:
            return (
                f"residency: calls of this flow may be processed in {', '.join(allowed)} only, not in {region}."
                " Have the rule changed by its owner, or abort"
            )
    return None


def without_handler(subjects: Iterable[Routable], region: Region, snapshot: Snapshot) -> Found:
    """Which of the entry points nobody answers in a Region, and of which that is not known."""
    failed: list[Unfit] = []
    unseen: dict[str, list[str]] = {}
    for subject in subjects:
        there = _answered(subject, region, snapshot)
        if isinstance(there, Unobserved):
            unseen.setdefault(there.reason, []).append(subject.name)
        elif not there.value:
            failed.append(Unfit(subject.key, f"has no handler in {region}; configure it there"))
    return tuple(failed), tuple(Unfit(_some(names), reason) for reason, names in unseen.items())


def routed_elsewhere(routes: Mapping[str, Fact[Region]], wanted: Region) -> Found:
    """Which of the routes that were read back are not as wanted. ``routes`` is by ``Routable.key``."""
    failed: list[Unfit] = []
    unseen: dict[str, list[str]] = {}
    for key, route in routes.items():
        if isinstance(route, Unobserved):
            unseen.setdefault(route.reason, []).append(key)
        elif route.value != wanted:
            failed.append(
                Unfit(key, f"was answered {wanted} and reads back {route.value}; find out who moved it, route it again")
            )
    return tuple(failed), tuple(Unfit(_some(keys), reason) for reason, keys in unseen.items())


def in_words(unfit: Sequence[Unfit]) -> str:
    """The first few, and how many more."""
    return _some([f"{one.subject}: {one.words}" for one in unfit], "; ")


def _answered(subject: Routable, region: Region, snapshot: Snapshot) -> Fact[bool]:
    if subject.kind == "number":
        handler = snapshot.handler_in(region, E164(subject.name))
        if isinstance(handler, Unobserved):
            return handler
        return Observed(handler.value is not None, handler.at, handler.source)
    facts = snapshot.regions[region]
    listed = facts.trunks if subject.kind == "trunk" else facts.sip_domains
    if isinstance(listed, Unobserved):
        return listed
    return Observed(any(one.domain_name == subject.name for one in listed.value), listed.at, listed.source)


def _some(names: Sequence[str], between: str = ", ") -> str:
    shown = between.join(names[:NAMED_MAX])
    return shown if len(names) <= NAMED_MAX else f"{shown} and {len(names) - NAMED_MAX} more"
