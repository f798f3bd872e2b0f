"""A plan as text, in the signs that people know from Terraform."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from voicedr.program.readiness.ranges import ranges
from voicedr.program.standby.compare import Change
from voicedr.program.standby.doing import Do
from voicedr.program.standby.plan import Step, SyncPlan

SIGNS = {
    Do.CREATE: "+ create",
    Do.MAP: "+ map",
    Do.UPDATE: "~ update in place",
    Do.TAKE_OFF: "- take off",
    Do.EQUAL: "= no change",
    Do.CONFLICT: "! conflict",
    Do.BLOCKED: "! blocked",
    Do.UNKNOWN: "? not known",
    Do.LEAVE: "- would take off",
}

SUMMED_MAX = 20
"""So many things that do not change are named; the rest are counted."""

ALIKE_MIN = 3
"""Fewer numbers with the same change are easier read one by one."""

NO_CHANGES = "No changes. The standby matches."


def plan_text(plan: SyncPlan, digest: str, *, equal: bool = False) -> str:
    """The whole plan.

    Args:
        plan: The plan.
        digest: Its hash.
        equal: Name what does not change, too.
    """
    return "\n".join(_lines(plan, digest, equal))


def summary(plan: SyncPlan) -> str:
    """The last line: what is done, and what is not."""
    count = {do: len(plan.of(do)) for do in Do}
    parts = [
        f"{count[Do.CREATE] + count[Do.MAP]} to create",
        f"{count[Do.UPDATE]} to change",
        f"{count[Do.TAKE_OFF]} to take off",
        f"{count[Do.CONFLICT]} conflict{'' if count[Do.CONFLICT] == 1 else 's'}",
    ]
    if count[Do.BLOCKED]:
        parts.append(f"{count[Do.BLOCKED]} blocked")
    if plan.unknown:
        parts.append(f"{max(1, count[Do.UNKNOWN])} not known")
    return f"Plan: {', '.join(parts)}."


def step_text(step: Step) -> str:
    """One step, with its fields below it."""
    return "\n".join(_step(step))


def _lines(plan: SyncPlan, digest: str, equal: bool) -> Iterator[str]:
    flows = ", ".join(plan.flows) or "everything"
    yield f"{plan.standby} as a copy of {plan.primary}: {flows}"
    dark: dict[tuple[str, str], list[Step]] = {}
    shown: list[Step] = []
    for step in plan.steps:
        if step.do is Do.UNKNOWN:
            dark.setdefault((step.key.kind, step.why), []).append(step)
        elif step.do is not Do.EQUAL:
            shown.append(step)
    for alike in _together(shown):
        yield from _step(alike[0]) if len(alike) < ALIKE_MIN else _numbers(alike)
    for (_, why), steps in dark.items():
        more = f" and {len(steps) - 1} more" if steps[1:] else ""
        yield f"  {SIGNS[Do.UNKNOWN]} {steps[0].key}{more}: {why}"
    same = plan.of(Do.EQUAL)
    if equal:
        for step in same[:SUMMED_MAX]:
            yield from _step(step)
        if len(same) > SUMMED_MAX:
            yield f"  {SIGNS[Do.EQUAL]}: {len(same) - SUMMED_MAX} more"
    elif same:
        yield f"  {SIGNS[Do.EQUAL]}: {len(same)} thing{'' if len(same) == 1 else 's'}"
    for why in plan.unread:
        yield f"  {SIGNS[Do.UNKNOWN]}: {why}"
    for note in plan.notes:
        yield f"  note: {note}"
    yield ""
    if plan.matches:
        yield NO_CHANGES
    else:
        yield summary(plan)
        yield f"Its hash: {digest[:12]}"


def _together(steps: Sequence[Step]) -> Iterator[list[Step]]:
    """Numbers to which the very same is done, where the first of them stands; everything else by itself."""
    groups: dict[object, list[Step]] = {}
    for step in steps:
        key = (
            (step.do, step.changes, step.notes, step.takes_over, _anybodys(step)) if step.key.kind == "number" else step
        )
        groups.setdefault(key, []).append(step)
    for alike in groups.values():
        yield from [alike] if len(alike) >= ALIKE_MIN else ([step] for step in alike)


def _anybodys(step: Step) -> str:
    """Why, without the number's own name."""
    return step.why.replace(step.key.name, "NUMBER")


def _numbers(alike: Sequence[Step]) -> Iterator[str]:
    """Many numbers as one entry, with what is done to each of them below it."""
    first = alike[0]
    names = ", ".join(ranges(step.key.name for step in alike))
    lines = _step(msgspec.structs.replace(first, why=_anybodys(first)))
    yield next(lines).replace(str(first.key), f"{len(alike)} numbers {names}", 1)
    yield from lines


def _step(step: Step) -> Iterator[str]:
    taken = {"asked": " (taken over: --adopt)", "made": " (made by an earlier run)"}.get(step.takes_over, "")
    why = f" ({step.why})" if step.do is Do.LEAVE else f": {step.why}" if step.why else ""
    yield f"  {SIGNS[step.do]} {step.key}{taken}{why}"
    made = step.do in (Do.CREATE, Do.MAP) or (step.do is Do.CONFLICT and step.sid is None)
    for change in () if step.do is Do.MAP else step.changes:
        yield f"      {_change(change, made=made)}"
    for note in step.notes:
        yield f"      {note}"


def _change(change: Change, *, made: bool) -> str:
    rule = f"  [rule: {change.rule}]" if change.rule else ""
    if made:
        return f"{change.field}: {_value(change.after)}{rule}"
    return f"{change.field}: {_value(change.before)} -> {_value(change.after)}{rule}"


def _value(text: str | None) -> str:
    if text is None:
        return "(nothing)"
    if text.startswith("(secret"):
        return text
    printable = "".join(char if char.isprintable() else "·" for char in text)
    return f'"{printable}"'
