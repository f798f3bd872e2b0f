"""SBCs: each once, each target once, a cohort that exists, and a place that is not open to the internet."""

from __future__ import annotations

from collections.abc import Iterator

from voicedr.program.scope.positions import Node
from voicedr.program.scope.problems import Place
from voicedr.program.scope.sbc import why_no_place
from voicedr.program.scope.structure import cut

Found = Iterator[tuple[Place, str]]


def sbc_problems(flows: Node) -> Found:
    """Every mistake about SBCs that their schema cannot see."""
    taken: dict[tuple[str, str, str], tuple[str, Place]] = {}
    for entry in flows.entries:
        flow_id, flow = entry.key, entry.value
        cohorts = [cohort.get("name").text for cohort in flow.get("cohorts").items]
        names: dict[str, tuple[int, Place]] = {}
        for index, sbc in enumerate(flow.get("sbc").items):
            yield from _one(flow_id, index, sbc, cohorts, names)
            yield from _targets(flow_id, sbc, taken)


def _one(flow_id: str, index: int, sbc: Node, cohorts: list[str | None], names: dict[str, tuple[int, Place]]) -> Found:
    name, rpc, cohort = sbc.get("name"), sbc.get("rpc"), sbc.get("cohort")
    said = f'SBC "{cut(name.text or str(index + 1))}" of flow "{flow_id}"'
    if name.text:
        first, place = names.setdefault(name.text, (index, name.place))
        if first != index:
            yield name.place, f"{said} is already on line {place.line}. Give one of them another name."
    if rpc.text and (why := why_no_place(rpc.text)) is not None:
        yield rpc.place, f"{said} cannot be asked there: {why}."
    if cohort.text and cohort.text not in cohorts:
        known = ", ".join(cut(one) for one in cohorts if one)
        yield (
            cohort.place,
            f'{said} is steered with cohort "{cut(cohort.text)}", which the flow does not have. It has {known}.',
        )


def _targets(flow_id: str, sbc: Node, taken: dict[tuple[str, str, str], tuple[str, Place]]) -> Found:
    for move in sbc.get("moves").items:
        target, to, home = move.get("target"), move.get("to"), move.get("home")
        if target.text and sbc.get("rpc").text:
            key = (sbc.get("rpc").text or "", str(sbc.get("set").number), target.text)
            owner, place = taken.setdefault(key, (flow_id, target.place))
            if place != target.place or owner != flow_id:
                yield (
                    target.place,
                    f'{cut(target.text)} is steered twice (first on line {place.line}, flow "{owner}"). A target moves'
                    " once: take it out of one of them.",
                )
        if to.text and to.text == home.text:
            yield (
                home.place,
                f"{cut(target.text or 'the target')} is {to.text} in the standby and at home, so nothing would ever"
                " change. Correct one of them, or take the target out.",
            )
