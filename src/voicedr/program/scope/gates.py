"""A cohort's gate as it is meant: its own keys over the flow's, over the defaults."""

from __future__ import annotations

from typing import Any

from voicedr.program.scope.durations import parse_duration_s
from voicedr.program.scope.positions import Node
from voicedr.program.scope.workbook import Gate, SequentialTest

TEST_KEYS = ("bad_share_ok", "bad_share_bad", "false_stop", "missed_bad", "calls_max", "numbers_min", "synthetic")


def merged_gate(*gates: Node) -> dict[str, Node]:
    """Each key that is written, with the node that counts: the last one."""
    return {entry.key: entry.value for gate in gates for entry in gate.entries}


def sequential_test(nodes: dict[str, Node]) -> SequentialTest:
    """The test of a merged gate whose values were found right."""
    written: dict[str, Any] = {key: nodes[key].scalar for key in TEST_KEYS if key in nodes}
    for key in ("calls_max", "numbers_min"):
        if key in written:
            written[key] = int(written[key])  # the schema takes 150.0 for an integer
    return SequentialTest(**written)


def build_gate(flow_gate: Node, cohort_gate: Node) -> Gate:
    """The whole gate, likewise."""
    nodes = merged_gate(flow_gate, cohort_gate)
    written: dict[str, Any] = {key: nodes[key].scalar for key in ("on_go", "on_no_go") if key in nodes}
    if "wait_max" in nodes:
        written["wait_s_max"] = parse_duration_s(nodes["wait_max"].text or "")
    return Gate(test=sequential_test(nodes), **written)
