"""Gates and signals: every gate can speak, and says one thing."""

from __future__ import annotations

from collections.abc import Iterator

from voicedr.program.scope.durations import parse_duration_s
from voicedr.program.scope.gates import merged_gate, sequential_test
from voicedr.program.scope.lint_cohorts import cohort_name
from voicedr.program.scope.positions import Node
from voicedr.program.scope.problems import Place
from voicedr.program.scope.structure import cut
from voicedr.program.validation.gate import calls_to_pass, calls_to_stop, step_good

Found = Iterator[tuple[Place, str]]

_JUDGED = ("bad_share_ok", "bad_share_bad", "false_stop", "missed_bad", "calls_max")
"""The keys that the arithmetic needs."""


def gate_problems(flow_id: str, flow: Node) -> Found:
    """Every mistake about a flow's gates and signals that its schema cannot see."""
    yield from _signals(flow_id, flow)
    own = [(flow.get("gate"), f'gate of flow "{flow_id}"')]
    cohorts = flow.get("cohorts").items
    for index, cohort in enumerate(cohorts):
        yield from _gate([(cohort.get("gate"), f'gate of cohort "{cohort_name(cohort, index)}"'), *own])
    if not cohorts:
        yield from _gate(own)
    if home := flow.get("failback").get("gate"):
        yield from _gate([(home, f'gate of the failback of flow "{flow_id}"'), *own])


def _signals(flow_id: str, flow: Node) -> Found:
    seen: dict[str, tuple[int, Place]] = {}
    for index, signal in enumerate(flow.get("signals").items):
        name = signal.get("name")
        if not name.text:
            continue
        first, place = seen.setdefault(name.text, (index, name.place))
        if first != index:
            yield (
                signal.place if name.place == place else name.place,
                f'signal "{cut(name.text)}" of flow "{flow_id}" is already on line {place.line}. Remove one of them.',
            )


def _gate(written: list[tuple[Node, str]]) -> Found:
    """Contradictions of a gate as a cohort has it, told at the key that is nearest to the cohort.

    Args:
        written: The mappings it is made of with their names, the nearest first.
    """
    nodes = merged_gate(*(gate for gate, _ in reversed(written)))

    def blamed(*keys: str) -> tuple[Place, str]:
        return next((gate.get(key).place, name) for gate, name in written for key in keys if gate.get(key))

    if "wait_max" in nodes and parse_duration_s(nodes["wait_max"].text or "") == 0:
        place, name = blamed("wait_max")
        yield place, f"wait_max of {name} is {nodes['wait_max'].text}; it must be longer than nothing, e.g. 30m."
    if not any(key in nodes for key in _JUDGED) or not all(_in_bounds(key, nodes) for key in _JUDGED):
        return
    test = sequential_test({key: nodes[key] for key in _JUDGED if key in nodes})
    if test.bad_share_ok >= test.bad_share_bad or step_good(test) == 0:
        place, name = blamed("bad_share_ok", "bad_share_bad")
        yield (
            place,
            f"{name} has bad_share_ok {test.bad_share_ok:g}, which is not below bad_share_bad"
            f" {test.bad_share_bad:g}: the same calls would pass and stop. Make bad_share_bad larger.",
        )
        return
    for needed, verb, kind in ((calls_to_pass(test), "pass", "good"), (calls_to_stop(test), "stop", "bad")):
        if test.calls_max < needed:
            place, name = blamed("calls_max", *_JUDGED)
            yield (
                place,
                f"{name} can never {verb}: it takes {needed} {kind} calls in a row, and calls_max is"
                f" {test.calls_max:g}. Raise calls_max to {needed} or more, or ask for less certainty.",
            )


def _in_bounds(key: str, nodes: dict[str, Node]) -> bool:
    """True if a key is left out, or has a value that its schema takes."""
    if key not in nodes:
        return True
    value = nodes[key].number
    if value is None:
        return False
    if key == "calls_max":
        return 1 <= value <= 100_000 and value == int(value)
    return 0 < value < (1 if key.startswith("bad_share") else 0.5)
