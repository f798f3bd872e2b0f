"""The clock of the decision and of what followed, step by step, against the workbook's targets; and what approvers saw.

    detected → declared → assessed → approved → first act → first proof → done

The steps before the first act come from the incident's record where the execution names one. Without an incident nobody
recorded who declared and assessed: these steps are not known then, which is neither late nor in time.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from voicedr.program.execution.events import Approved, Opened
from voicedr.program.governance.incident import Assessed, Incident, Reviewed, Tick, decision_clock
from voicedr.program.scope.authority import DecisionTargets
from voicedr.program.validation.chapters import Story
from voicedr.program.validation.spoken import count
from voicedr.program.validation.surroundings import ApprovalBasis, Glass


def decision_steps(
    story: Story, approvals: Sequence[Approved], incident: Incident | None, targets: DecisionTargets
) -> tuple[Tick, ...]:
    """Seven steps, of which each may be unknown. ``after_s`` counts from the detection, or from what stands for it.

    Args:
        story: The execution.
        approvals: Those of its journal that count.
        incident: What the execution names; None: nothing.
        targets: Of the flow; the last step's is the recovery time objective.
    """
    if story.plan is None or story.last_at is None:
        return ()
    first_act = story.moment("first-intent")
    first_act_at = first_act.at if first_act else None
    if incident is not None:
        begun = decision_clock(
            incident,
            targets,
            approvals=approvals,
            needed=story.approvals_needed,
            first_act_at=first_act_at,
            now=story.last_at,
        )
        start: datetime | None = incident.declared.detected_at or incident.declared.at
    else:
        begun, start = _without_incident(story, approvals, targets, first_act_at), story.promise.started_at
    proof = story.moment("first-proof")
    promise = story.promise
    return (
        *begun,
        Tick("first proof", proof.at if proof else None, "", _after(start, proof.at if proof else None), None, None),
        Tick("done", promise.stopped_at, "", promise.took_s, promise.rto_s, promise.kept),
    )


def _without_incident(
    story: Story, approvals: Sequence[Approved], targets: DecisionTargets, first_act_at: datetime | None
) -> tuple[Tick, ...]:
    start, detected = story.promise.started_at, story.moment("detected")
    in_order = sorted(approvals, key=lambda one: one.at)
    needed = story.approvals_needed
    approved_at = in_order[needed - 1].at if needed and len(in_order) >= needed else None

    def tick(step: str, at: datetime | None, by: str, target_s: float | None) -> Tick:
        after_s = _after(start, at)
        kept = None if target_s is None or after_s is None else after_s <= target_s
        return Tick(step, at, by, after_s, target_s, kept)

    seen = "signals" if story.sightings else ""
    return (
        Tick(
            "detected",
            detected.at if detected else None,
            seen if detected else "",
            0.0 if detected else None,
            None,
            None,
        ),
        tick("declared", None, "", targets.declared_s),
        tick("assessed", None, "", targets.assessed_s),
        tick("approved", approved_at, ", ".join(one.person for one in in_order), targets.approved_s),
        tick("first act", first_act_at, "", targets.first_act_s),
    )


def _after(start: datetime | None, at: datetime | None) -> float | None:
    return None if start is None or at is None else (at - start).total_seconds()


def approval_basis(
    story: Story, opened: Opened, approvals: Sequence[Approved], incident: Incident | None
) -> tuple[ApprovalBasis, ...]:
    """For each approval, what was recorded until then, and so could be seen in packet, plan and statement.

    The packet itself is made anew each time somebody asks for it and is not recorded; what it rests on is.
    """
    if story.plan is None:
        return ()
    statements = {(one.person, one.at): one for one in approvals}
    told: list[ApprovalBasis] = []
    for approval in story.approvals:
        until = [] if incident is None else [one for one in incident.events if one.at <= approval.at]
        assessed = [one for one in until if isinstance(one, Assessed)]
        signed = statements.get((approval.person, approval.at))
        told.append(
            ApprovalBasis(
                person=approval.person,
                role=approval.role,
                at=approval.at,
                plan_hash=approval.plan_hash,
                counts=approval.counts,
                proof=approval.proof,
                unknowns=tuple(
                    dict.fromkeys(
                        [
                            *(story.plan.unknowns if approval.plan_hash == story.plan_hash else ()),
                            *(unknown for one in assessed for unknown in one.unknowns),
                        ]
                    )
                ),
                assessed=tuple(_assessment(one) for one in assessed),
                approved_before=tuple(one.person for one in story.approvals if one.counts and one.at < approval.at),
                statement="" if signed is None else signed.statement,
                key=approval.key,
                after_detection_s=_after(opened.detected_at, approval.at),
            )
        )
    return tuple(told)


def _assessment(one: Assessed) -> str:
    found = [
        count(len(one.gaps), "gap") if one.gaps else "",
        f"{count(len(one.unknowns), 'thing')} not known" if one.unknowns else "",
        f"{one.cost_per_minute:g} a minute" if one.cost_per_minute is not None else "",
        f"{one.calls_per_minute:g} calls a minute" if one.calls_per_minute is not None else "",
    ]
    beside = ", ".join(words for words in found if words)
    why = f": {one.why}" if one.why else ""
    return f"{one.by} ({one.part}): {one.judgement}{f' ({beside})' if beside else ''}{why}"


def broken_glass(incident: Incident | None) -> tuple[Glass, ...]:
    """Every rule that was broken in an incident, with its review if there was one."""
    if incident is None:
        return ()
    reviews = {one.glass: one for one in incident.reviewed}

    def told(review: Reviewed | None) -> dict[str, object]:
        if review is None:
            return {}
        return {"reviewed_by": review.by, "reviewed_at": review.at, "note": review.note}

    return tuple(
        Glass(
            one.glass,
            one.rule.value,
            one.by,
            one.at,
            one.why,
            one.plan_hash,
            one.key,
            **told(reviews.get(one.glass)),  # type: ignore[arg-type]
        )
        for one in incident.broken
    )
