"""A secret that stands where a reference should is in no message, nor is anything that a terminal would obey.

The input is the secret. It is put, in quotes and without, into every place of the workbook where a secret is referred
to, what people declare and how the standby is made among them.
"""

from __future__ import annotations

import json

from voicedr.program.scope.problems import WorkbookBroken
from voicedr.program.scope.read import read_workbook

BOOK = """\
voicedr: 1
account:
  sid: AC00000000000000000000000000000000
  regions:
    us1: {edge: ashburn, api_key: SK11111111111111111111111111111111, api_secret: @SECRET@}
    ie1: {edge: dublin, api_key: SK22222222222222222222222222222222, api_secret: "env:I", auth_token: @SECRET@}
people:
  - {id: ruiz, name: "Ana Ruiz", roles: [on-call lead]}
  - {id: chen, name: "Li Chen", roles: [operations director, telephony engineer, business owner]}
flows:
  support-line:
    title: "Support line"
    tier: 1
    primary: us1
    standby: ie1
    rto: 30 min
    must_survive: []
    can_degrade: []
    out_of_scope: []
    success: []
    entry_points:
      numbers: ["+14155550100..+14155550109"]
    cohorts:
      - {name: first, numbers: ["+14155550100"]}
      - {name: rest, rest: true}
    roles:
      detection: on-call lead
      technical_assessment: telephony engineer
      business_impact: business owner
      approval: {roles: [on-call lead, operations director], approvals: 2}
declared:
  - {about: balancer, value: "two HAProxy", owner: ruiz, on: "2026-11-21", until: "2027-05-21"}
  - {about: token-services, value: [{url: "https://tokens.example/t", bearer: @SECRET@}], owner: ruiz, on: "2026-11-21",
     until: "2027-05-21"}
sync:
  urls: [{from: "https://us1.app.example", to: "https://{region}.app.example"}]
  credentials: {"Desk phones/reception": @SECRET@}
  also: [{kind: queue}]
"""
_WELL = BOOK.replace("@SECRET@", '"env:NAME"')
_WORDS = ("line", "column", "quotes", "reference")
SHOWN_LENGTH_MIN = 8
"""What is shorter may stand in a message by chance."""

SEEDS = [
    b"hunter2hunter2",
    b"env:hunter2",
    b"file:/run/secrets/key",
    b"*hunter2hunter2",
    b"&a hunter2hunter2",
    b"hunter2: [x",
    b"{hunter2hunter2}",
    b"!!python/hunter2hunter2 x",
    b"\x1b[2Jhunter2hunter2",
    b"%hunter2hunter2",
    b"<<",
    b"| hunter2hunter2",
    b"\xe2\x80\xa8hunter2hunter2",
    b"\\x00hunter2hunter2\\",
    b"ENV:hunter2hunter2",
    b"env:9hunter2hunter2",
    b"1234567890123",
]


def one(data: bytes) -> None:
    """Put it everywhere, then each place alone, quoted and plain."""
    try:
        secret = data.decode()
    except UnicodeDecodeError:
        return
    if len(secret) > 500:
        return
    for written in (json.dumps(secret), secret):
        try:
            read_workbook(BOOK.replace("@SECRET@", written), "workbook.yaml")
        except WorkbookBroken as exc:
            assert exc.problems
            for problem in exc.problems:
                assert problem.message.isprintable(), f"a message sends something to the terminal: {problem!r}"
                shown = secret.strip()
                if len(shown) >= SHOWN_LENGTH_MIN and shown not in _WELL and not any(word in shown for word in _WORDS):
                    assert shown not in problem.message, f"the secret is told: {problem}"
