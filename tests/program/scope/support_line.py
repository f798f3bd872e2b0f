"""A good workbook, as a text that tests break one line at a time."""

from __future__ import annotations

from voicedr.program.scope.read import WorkbookBroken, read_workbook

GOOD = """\
voicedr: 1
account:
  sid: AC00000000000000000000000000000001
  address: env:VOICEDR_ADDRESS
  limits: {requests_per_second: 50, calls_per_second: 2, propagation_max: 4m}
  regions:
    us1: {edge: ashburn, api_key: env:TWILIO_KEY_US1, api_secret: env:TWILIO_SECRET_US1}
    ie1:
      edge: dublin
      api_key: SK00000000000000000000000000000002
      api_secret: file:/run/secrets/twilio-ie1
people:
  - {id: ruiz, name: A. Ruiz, roles: [on-call lead, voice engineer], contact: "+14155559000"}
  - {id: chen, name: B. Chen, roles: [operations director]}
flows:
  support-line:
    title: Customer support line
    tier: 1
    primary: us1
    standby: ie1
    rto: 15m
    must_survive: [A caller reaches an agent]
    can_degrade: [Queue music instead of announcements]
    can_wait: [Call recordings]
    out_of_scope: [Outbound campaigns]
    success: [19 of 20 callers are greeted within 5 s]
    residency: [us1, ie1]
    entry_points:
      numbers: ["+14155550100..+14155550118", "+14155550150"]
      trunks: [acme.pstn.twilio.com]
      sip_domains: [acme.sip.twilio.com]
    trickle:
      numbers: ["+14155550150"]
    gate: {bad_share_bad: 0.2, on_go: ask, wait_max: 20m}
    cohorts:
      - name: canary
        numbers: ["+14155550100", "+14155550101"]
        switch_context: true
        gate: {on_go: continue, calls_max: 60}
      - name: priority
        numbers: ["+14155550110..+14155550112"]
      - name: rest
        rest: true
    signals:
      - {name: call-completes}
      - {name: no-alert, veto: true}
    roles:
      detection: on-call lead
      technical_assessment: voice engineer
      business_impact: operations director
      approval: {roles: [on-call lead, operations director], approvals: 2}
    failback: {primary_healthy_for: 1h30m, criteria: [The provider has closed the incident]}
    application:
      name: support-app
      context: file:/var/lib/voicedr/support-app.json
      confirm: ["https://support.example/region"]
    test_caller: "+14155550199"
"""


def with_line(old: str, new: str, text: str = GOOD) -> str:
    """The workbook with one text, found exactly once, replaced."""
    assert text.count(old) == 1, f"{old!r} occurs {text.count(old)} times"
    return text.replace(old, new)


def problems_of(text: str) -> tuple[str, ...]:
    """What is wrong with a text, line by line; nothing if it reads."""
    try:
        read_workbook(text, "support-line.yaml")
    except WorkbookBroken as broken:
        return tuple(str(problem) for problem in broken.problems)
    return ()
