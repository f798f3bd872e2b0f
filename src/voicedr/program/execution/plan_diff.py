"""How a plan differs from an earlier one: what comes in (+), what goes out (-), and what is otherwise than it was (~).

Order counts only where it is the plan's: cohorts are compared by name and by place, entry points by the cohort they are
in. Where the earlier plan moved from, and to, is compared too: the way home is another plan and differs in nearly all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

import msgspec

from voicedr.program.execution.actions import SetRoute, SteerDispatcher, SwitchContext
from voicedr.program.execution.plan import Plan, PlannedCohort
from voicedr.program.scope.durations import write_duration
from voicedr.program.scope.workbook import Gate
from voicedr.program.validation.spoken import count, listed

Sign = Literal["+", "-", "~"]

NAMED_MAX = 6
"""So many entry points of one change are named; of more, the count is."""


class Change(msgspec.Struct, frozen=True):
    """One difference.

    Attributes:
        sign: ``+`` comes in, ``-`` goes out, ``~`` is otherwise.
        about: What kind of thing it is.
        words: Which one, and from what to what.
        subjects: The entry points it concerns, all of them.
    """

    sign: Sign
    about: Literal["entry point", "SBC target", "cohort", "gate", "limit", "rule", "unknown"]
    words: str
    subjects: tuple[str, ...] = ()


def diff_plans(before: Plan, now: Plan) -> tuple[Change, ...]:
    """Every difference, entry points first. Empty: the two would do the same under the same rules."""
    return (
        *_entry_points(before, now),
        *_targets(before, now),
        *_cohorts(before, now),
        *_gates(before, now),
        *_values(_LIMITS, "limit", before, now),
        *_values(_RULES, "rule", before, now),
        *_listed("rule", "signal", before.signals, now.signals),
        *_listed("rule", "veto", before.vetoes, now.vetoes),
        *_listed("rule", "approving role", before.approval_roles, now.approval_roles),
        *_listed("unknown", "not known", before.unknowns, now.unknowns),
    )


def change_line(change: Change) -> str:
    """A difference as one line: ``~ entry point +14155550100: canary → rest``."""
    return f"{change.sign} {change.about} {change.words}"


def totals(changes: Sequence[Change]) -> str:
    """``2 come in, 1 goes out, 3 are otherwise``, in changes; what is not there is left out."""
    counts = {sign: sum(one.sign == sign for one in changes) for sign in ("+", "-", "~")}
    said = [
        f"{counts['+']} in" if counts["+"] else "",
        f"{counts['-']} out" if counts["-"] else "",
        f"{counts['~']} otherwise" if counts["~"] else "",
    ]
    return ", ".join(one for one in said if one) or "no difference"


def _places(plan: Plan) -> dict[str, str]:
    """The cohort of every entry point."""
    return {
        action.subject.name: cohort.name
        for cohort in plan.cohorts
        for action in cohort.actions
        if isinstance(action, SetRoute)
    }


def _entry_points(before: Plan, now: Plan) -> Iterator[Change]:
    was, is_ = _places(before), _places(now)
    yield from _grouped("+", {name: f"into {is_[name]}" for name in is_ if name not in was})
    yield from _grouped("-", {name: f"out of {was[name]}{_why_gone(name, now)}" for name in was if name not in is_})
    moved = {name: f"{was[name]} → {is_[name]}" for name in is_ if name in was and was[name] != is_[name]}
    yield from _grouped("~", moved)


def _targets(before: Plan, now: Plan) -> Iterator[Change]:
    """What is steered otherwise on the customer's SBCs. How a target stood is part of it: it is the precondition."""
    was, is_ = _steered(before), _steered(now)
    yield from (Change("+", "SBC target", f"{name}: {words}") for name, words in is_.items() if name not in was)
    yield from (Change("-", "SBC target", f"{name}: {words}") for name, words in was.items() if name not in is_)
    for name, words in is_.items():
        if was.get(name, words) != words:
            yield Change("~", "SBC target", f"{name}: {was[name]} becomes {words}")


def _steered(plan: Plan) -> dict[str, str]:
    return {
        f"{action.target} in set {action.set_id} of {action.sbc}": f"{action.was} → {action.to} with {cohort.name},"
        f" asked at {action.rpc}"
        for cohort in plan.cohorts
        for action in cohort.actions
        if isinstance(action, SteerDispatcher)
    }


def _why_gone(name: str, now: Plan) -> str:
    return f" (in {now.to} already)" if name in now.already else ""


def _grouped(sign: Sign, how: Mapping[str, str]) -> Iterator[Change]:
    """One change for all entry points that share their fate."""
    together: dict[str, list[str]] = {}
    for name, words in how.items():
        together.setdefault(words, []).append(name)
    for words, names in together.items():
        shown = listed(names, NAMED_MAX)
        yield Change(sign, "entry point", f"{shown}: {words}", tuple(names))


def _cohorts(before: Plan, now: Plan) -> Iterator[Change]:
    was, is_ = _by_name(before), _by_name(now)
    for name, cohort in is_.items():
        if name not in was:
            yield Change("+", "cohort", f"{name}: {count(len(cohort.actions), 'action')}")
    for name, cohort in was.items():
        if name not in is_:
            yield Change("-", "cohort", f"{name}: {count(len(cohort.actions), 'action')}")
    order_was = [name for name in was if name in is_]
    order_is = [name for name in is_ if name in was]
    if order_was != order_is:
        yield Change("~", "cohort", f"order: {' → '.join(order_was)} becomes {' → '.join(order_is)}")
    for name in order_is:
        for what, old, new in (
            ("calls per minute", was[name].calls_per_minute, is_[name].calls_per_minute),
            ("switches the context", _switches(was[name]), _switches(is_[name])),
        ):
            if old != new:
                yield Change("~", "cohort", f"{name}: {what} {_said(old)} → {_said(new)}")


def _switches(cohort: PlannedCohort) -> bool:
    return any(isinstance(action, SwitchContext) for action in cohort.actions)


def _by_name(plan: Plan) -> dict[str, PlannedCohort]:
    return {cohort.name: cohort for cohort in plan.cohorts}


def _gates(before: Plan, now: Plan) -> Iterator[Change]:
    was = _by_name(before)
    for cohort in now.cohorts:
        if cohort.name in was:
            old, new = _gate_values(was[cohort.name].gate), _gate_values(cohort.gate)
            for what in new:
                if old[what] != new[what]:
                    yield Change("~", "gate", f"{cohort.name}: {what} {old[what]} → {new[what]}")


def _gate_values(gate: Gate) -> dict[str, str]:
    test = gate.test
    return {
        "bad share that is acceptable": f"{test.bad_share_ok:.3g}",
        "bad share that stops": f"{test.bad_share_bad:.3g}",
        "chance of a false stop": f"{test.false_stop:.3g}",
        "chance of passing a bad one": f"{test.missed_bad:.3g}",
        "most calls": str(test.calls_max),
        "fewest numbers": str(test.numbers_min),
        "own test calls": "count" if test.synthetic else "do not count",
        "on go": gate.on_go,
        "on no-go": gate.on_no_go,
        "longest wait": write_duration(gate.wait_s_max),
    }


_LIMITS = {
    "requests_per_second": "requests per second",
    "calls_per_second": "calls per second",
    "propagation_s_max": "longest propagation, s",
    "answer_within_s": "an answer is waited for, s",
}

_RULES = {
    "purpose": "purpose",
    "mode": "mode",
    "leaves": "leaves",
    "to": "goes to",
    "via": "carried out by the hosts of",
    "approvals": "approvals needed",
    "on_no_answer": "silence means",
    "test_caller": "test caller",
    "context": "application context",
    "context_confirm": "context is confirmed at",
    "overlap": "cohorts overlap",
    "on_interrupt": "after an interruption",
    "rollback": "pace of moving back",
    "residency": "allowed Regions",
}


def _values(fields: Mapping[str, str], about: Literal["limit", "rule"], before: Plan, now: Plan) -> Iterator[Change]:
    for field, words in fields.items():
        old, new = getattr(before, field), getattr(now, field)
        if old != new:
            yield Change("~", about, f"{words}: {_said(old)} → {_said(new)}")
    if about == "limit" and before.forecast.rto_s != now.forecast.rto_s:
        old_s, new_s = write_duration(before.forecast.rto_s), write_duration(now.forecast.rto_s)
        yield Change("~", "limit", f"recovery time objective: {old_s} → {new_s}")


def _listed(
    about: Literal["rule", "unknown"], words: str, before: Sequence[str], now: Sequence[str]
) -> Iterator[Change]:
    yield from (Change("+", about, f"{words}: {one}") for one in now if one not in before)
    yield from (Change("-", about, f"{words}: {one}") for one in before if one not in now)


def _said(value: object) -> str:
    match value:
        case None:
            return "none"
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:g}"
        case tuple():
            return ", ".join(str(one) for one in value) or "none"
        case msgspec.Struct():
            named = msgspec.structs.asdict(value)
            return ", ".join(f"{name} {_said(one)}" for name, one in named.items() if one is not None)
        case _:
            return str(value)
