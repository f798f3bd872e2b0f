"""What the workbook says of overlap and interruption, as values; left out, it is as it was."""

from __future__ import annotations

from program.scope.support_line import GOOD
from voicedr.program.scope.authority import Hours
from voicedr.program.scope.moving import OnInterrupt, Overlap, RollbackPace
from voicedr.program.scope.read import read_workbook
from voicedr.program.scope.workbook import FailbackApproval, Flow


def flow_with(lines: str, *changed: tuple[str, str]) -> Flow:
    """The support line with more lines at its end, and something changed before."""
    text = GOOD
    for old, new in changed:
        assert old in text
        text = text.replace(old, new, 1)
    last = '    test_caller: "+14155550199"\n'
    assert text.count(last) == 1
    flow = read_workbook(text.replace(last, last + lines), "support-line.yaml").flow("support-line")
    assert flow is not None
    return flow


def test_left_out_nothing_overlaps_and_an_interruption_means_nothing() -> None:
    """Workbooks of earlier releases mean what they meant."""
    flow = flow_with("")
    assert flow.overlap is None
    assert flow.on_interrupt is None
    assert [cohort.calls_per_minute for cohort in flow.cohorts] == [None, None, None]


def test_a_budget_of_entry_points() -> None:
    """One cohort may wait unless more are said."""
    assert flow_with("    overlap: {entry_points_max: 20}\n").overlap == Overlap(1, 20, None)
    assert flow_with("    overlap: {entry_points_max: 20, cohorts_max: 3}\n").overlap == Overlap(3, 20, None)


def test_a_budget_of_calls_and_the_volume_of_each_cohort() -> None:
    """The first cohort needs none: it is never overlapped."""
    flow = flow_with(
        "    overlap: {calls_per_minute_max: 12.5}\n",
        ("- name: priority\n", "- name: priority\n        calls_per_minute: 4\n"),
        ("- name: rest\n", "- name: rest\n        calls_per_minute: 7.5\n"),
    )
    assert flow.overlap == Overlap(1, None, 12.5)
    assert [cohort.calls_per_minute for cohort in flow.cohorts] == [None, 4.0, 7.5]


def test_what_an_interruption_means() -> None:
    """Each phase by itself; a minute unless it is said."""
    assert flow_with("    on_interrupt: {moving: pause}\n").on_interrupt == OnInterrupt("pause", "go-on", 60.0)
    said = flow_with("    on_interrupt: {gating: pause, rolling_back: go-on, older_than: 10m}\n").on_interrupt
    assert said == OnInterrupt("go-on", "pause", 600.0)
    assert said.of("rolling_back") == "go-on"


def test_the_pace_of_a_rollback() -> None:
    """Left out there is none; a size without a pause has none."""
    assert flow_with("").rollback is None
    assert flow_with("    rollback: {cohort_size: 50}\n").rollback == RollbackPace(50, 0.0)
    assert flow_with("    rollback: {pause_between: 10s}\n").rollback == RollbackPace(None, 10.0)


def test_the_way_home() -> None:
    """Left out it asks for health alone; its gate differs from the flow's only in what it says."""
    assert flow_with("").failback.approval is None
    old = "    failback: {primary_healthy_for: 1h30m, criteria: [The provider has closed the incident]}\n"
    new = (
        "    failback:\n"
        "      primary_healthy_for: 10m\n"
        "      no_open_incident: true\n"
        "      readiness: true\n"
        '      hours: [{days: [mon], from: "09:00", to: "17:00", zone: Europe/Dublin}]\n'
        "      approval: {roles: [operations director], approvals: 1}\n"
        "      gate: {on_go: ask}\n"
    )
    home = flow_with("", (old, new)).failback
    assert (home.primary_healthy_for_s, home.no_open_incident, home.readiness) == (600.0, True, True)
    assert home.hours == (Hours((0,), 540, 1020, "Europe/Dublin"),)
    assert home.approval == FailbackApproval(("operations director",), 1)
    assert home.gate is not None
    assert home.gate.on_go == "ask"
    assert home.gate.test == flow_with("").cohorts[1].gate.test
