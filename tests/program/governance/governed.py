"""A workbook with hours, deputies, glass and costs: what tests of the decision chain begin with."""

from __future__ import annotations

from datetime import UTC, datetime

from program.scope.support_line import GOOD, with_line
from voicedr.program.scope.read import read_workbook
from voicedr.program.scope.workbook import Flow, Person, Workbook

WEDNESDAY_NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)
"""13:00 in Madrid."""

PEOPLE = """\
people:
  - id: ruiz
    name: A. Ruiz
    roles: [on-call lead, voice engineer]
    contact: "+14155559000"
    hours: [{days: [mon, tue, wed, thu, fri], from: "08:00", to: "18:00", zone: Europe/Madrid}]
  - {id: chen, name: B. Chen, roles: [operations director]}
  - id: okafor
    name: N. Okafor
    roles: [on-call lead, voice engineer]
    hours: [{from: "18:00", to: "08:00", zone: Europe/Madrid}]
"""

CHAIN = """\
authority:
  approval:
    order: [chen, ruiz]
    may: [approve-failover, approve-rollback, approve-failback, approve-drill, execute, stop, break-glass]
    answer_within: 3m
break_glass: {rules: [quorum, freeze-window, different-people, hours], valid_for: 30m}
"""

COSTS = """\
    impact: {cost_per_minute: 900, standby_cost_per_minute: 40, calls_per_minute: 12, currency: EUR}
    decision_targets: {declared: 2m, assessed: 5m, approved: 10m, first_act: 12m}
"""


def governed_text(costs: str = COSTS, chain: str = CHAIN, people: str = PEOPLE) -> str:
    """The workbook's text."""
    begin, end = GOOD.index("people:\n"), GOOD.index("flows:\n")
    text = GOOD[:begin] + people + chain + GOOD[end:]
    return with_line('    test_caller: "+14155550199"\n', '    test_caller: "+14155550199"\n' + costs, text)


def governed(costs: str = COSTS, chain: str = CHAIN, people: str = PEOPLE) -> tuple[Workbook, Flow]:
    """Its values, and its flow."""
    workbook = read_workbook(governed_text(costs, chain, people), "support-line.yaml")
    return workbook, workbook.flows[0]


def person(workbook: Workbook, id_: str) -> Person:
    """Somebody of it."""
    return next(one for one in workbook.people if one.id == id_)
