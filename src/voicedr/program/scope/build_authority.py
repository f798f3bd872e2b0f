"""From nodes without problems to the values of who decides."""

from __future__ import annotations

from datetime import UTC, datetime

from voicedr.program.scope.authority import (
    APPROVES,
    ASSESSES,
    DAYS,
    DETECTS,
    Authority,
    Automatic,
    BreakGlass,
    Decision,
    DecisionTargets,
    Duty,
    FreezeWindow,
    Function,
    Hours,
    Impact,
    OnNoAnswer,
    Rollback,
    Rule,
)
from voicedr.program.scope.durations import parse_duration_s
from voicedr.program.scope.positions import Node


def build_hours(person: Node) -> tuple[Hours, ...]:
    """A person's hours; none: at any time."""
    return tuple(
        Hours(
            days=tuple(DAYS.index(day) for day, _ in one.get("days").texts) or tuple(range(7)),
            from_minute=minute_of(one.get("from").text or ""),
            to_minute=minute_of(one.get("to").text or ""),
            zone=one.get("zone").text or "",
        )
        for one in person.get("hours").items
    )


def minute_of(text: str) -> int:
    """Minutes after midnight of ``08:30``."""
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def build_authority(node: Node) -> Authority:
    """How the four functions are organised."""
    pairs = tuple(
        (Function(first), Function(second))
        for (first, _), (second, _) in (pair.texts for pair in node.get("different_people").items)
    )
    return Authority(
        detection=_duty(node.get("detection"), DETECTS),
        technical_assessment=_duty(node.get("technical_assessment"), ASSESSES),
        business_impact=_duty(node.get("business_impact"), ASSESSES),
        approval=_duty(node.get("approval"), APPROVES),
        different_people=pairs if node.get("different_people") else None,
        rollback=Rollback(node.get("rollback").text or Rollback.ANYBODY),
    )


def build_break_glass(node: Node) -> BreakGlass:
    """Which rules may be broken."""
    return BreakGlass(
        rules=tuple(Rule(text) for text, _ in node.get("rules").texts),
        valid_for_s=_seconds(node.get("valid_for"), BreakGlass().valid_for_s),
    )


def build_freeze(node: Node) -> tuple[FreezeWindow, ...]:
    """When nothing is moved."""
    return tuple(
        FreezeWindow(instant_of(one.get("from").text), instant_of(one.get("to").text), one.get("why").text or "")
        for one in node.items
    )


def instant_of(text: str | None) -> datetime:
    """``2026-12-24T00:00Z`` as a time of UTC.

    Raises:
        ValueError: If there is no such day or time.
    """
    return datetime.strptime(text or "", "%Y-%m-%dT%H:%MZ").replace(tzinfo=UTC)


def build_impact(node: Node) -> Impact:
    """What a minute costs."""
    return Impact(
        cost_per_minute=node.get("cost_per_minute").number,
        standby_cost_per_minute=node.get("standby_cost_per_minute").number,
        calls_per_minute=node.get("calls_per_minute").number,
        currency=node.get("currency").text or "",
    )


def build_targets(node: Node) -> DecisionTargets:
    """How soon each step of a decision should have been taken."""
    return DecisionTargets(
        declared_s=_target(node.get("declared")),
        assessed_s=_target(node.get("assessed")),
        approved_s=_target(node.get("approved")),
        first_act_s=_target(node.get("first_act")),
    )


def build_on_no_answer(node: Node) -> OnNoAnswer:
    """What silence means."""
    return OnNoAnswer(node.text) if node.text else OnNoAnswer.HOLD


def build_automatic(node: Node) -> Automatic | None:
    """When a flow may be moved without people; None: never."""
    if not node:
        return None
    defaults = Automatic(1)
    return Automatic(
        after_drills=int(node.get("after_drills").number or 1),
        kinds=tuple(text for text, _ in node.get("kinds").texts) or defaults.kinds,
        within_s=_seconds(node.get("within"), defaults.within_s),
    )


def _duty(node: Node, default: Duty) -> Duty:
    return Duty(
        may=tuple(Decision(text) for text, _ in node.get("may").texts) or default.may,
        order=tuple(text for text, _ in node.get("order").texts),
        answer_within_s=_seconds(node.get("answer_within"), default.answer_within_s),
    )


def _seconds(node: Node, default: float) -> float:
    seconds = parse_duration_s(node.text or "")
    return default if seconds is None else seconds


def _target(node: Node) -> float | None:
    return parse_duration_s(node.text) if node.text else None
