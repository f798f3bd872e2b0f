"""A plan as people read it: signs, fields, rules, reasons, and nothing that is secret."""

from __future__ import annotations

from voicedr.program.standby.compare import Change
from voicedr.program.standby.doing import Do
from voicedr.program.standby.keys import Key
from voicedr.program.standby.plan import Step, SyncPlan, sync_hash
from voicedr.program.standby.render import plan_text
from voicedr.program.vocabulary import IE1, US1

LIST = Key("credential-list", "Phones")
STEPS = (
    Step(Do.CREATE, LIST, (Change("friendly_name", None, "Phones"),)),
    Step(Do.CREATE, Key("credential", "desk", LIST), (Change("password", None, "(secret by reference)"),)),
    Step(
        Do.UPDATE,
        Key("application", "Bad\x1b[31m"),
        (
            Change("voice_url", "https://a", "https://b", "https://a -> https://{region}"),
            Change("x_url", "https://c", None),
        ),
        sid="AP1",
    ),
    Step(Do.EQUAL, Key("queue", "Nurses")),
    Step(Do.CONFLICT, Key("ip-acl", "Office"), why="somebody else's"),
    Step(Do.LEAVE, Key("ip-address", "192.0.2.1/32", Key("ip-acl", "Home")), why="not done: not ours"),
    *(Step(Do.UNKNOWN, Key("number", f"+1415555010{n}"), why="the numbers of ie1 could not be read") for n in range(3)),
)


def test_a_plan_reads_like_terraform() -> None:
    """Every sign once; what nobody could look at for the same reason is one line."""
    plan = SyncPlan("AC1", US1, IE1, ("support",), STEPS, ("numbers of ie1: no answer",), ("keys are not copied",))
    assert (
        plan_text(plan, "0123456789abcdef")
        == """\
ie1 as a copy of us1: support
  + create credential-list "Phones"
      friendly_name: "Phones"
  + create credential "desk" of credential-list "Phones"
      password: (secret by reference)
  ~ update in place application "Bad·[31m"
      voice_url: "https://a" -> "https://b"  [rule: https://a -> https://{region}]
      x_url: "https://c" -> (nothing)
  ! conflict ip-acl "Office": somebody else's
  - would take off ip-address "192.0.2.1/32" of ip-acl "Home" (not done: not ours)
  ? not known number "+14155550100" and 2 more: the numbers of ie1 could not be read
  = no change: 1 thing
  ? not known: numbers of ie1: no answer
  note: keys are not copied

Plan: 2 to create, 1 to change, 0 to take off, 1 conflict, 3 not known.
Its hash: 0123456789ab"""
    )


def test_the_hash_is_of_what_is_done_and_not_done() -> None:
    """What is equal or left as it is may come and go."""
    plan = SyncPlan("AC1", US1, IE1, ("support",), STEPS)
    same = SyncPlan("AC1", US1, IE1, ("support",), tuple(s for s in STEPS if s.do not in (Do.EQUAL, Do.LEAVE)))
    assert sync_hash(plan) == sync_hash(same)
    assert sync_hash(plan) != sync_hash(SyncPlan("AC1", US1, IE1, ("support",), STEPS[1:]))


def test_numbers_with_the_very_same_change_are_one_entry() -> None:
    """Three or more; a number of which something else is said stands by itself, and so do two."""
    change = (Change("voice_url", None, "https://b"),)
    steps = (
        *(Step(Do.UPDATE, Key("number", f"+1415555010{n}"), change, sid="PN") for n in range(4)),
        Step(Do.UPDATE, Key("number", "+14155550109"), (Change("voice_url", "https://a", "https://b"),), sid="PN"),
        *(
            Step(Do.CONFLICT, Key("number", f"+1415555020{n}"), change, why=f"--adopt number:+1415555020{n}")
            for n in range(3)
        ),
        *(Step(Do.UPDATE, Key("number", f"+1415555030{n}"), change, sid="PN", takes_over="asked") for n in range(2)),
    )
    text = plan_text(SyncPlan("AC1", US1, IE1, ("support",), steps), "0123456789abcdef")
    assert '  ~ update in place 4 numbers +1415555010{0..3}\n      voice_url: (nothing) -> "https://b"\n' in text
    assert '  ~ update in place number "+14155550109"\n      voice_url: "https://a" -> "https://b"\n' in text
    assert "  ! conflict 3 numbers +1415555020{0..2}: --adopt number:NUMBER\n" in text
    assert text.count("+1415555030") == 2
    assert "Plan: 0 to create, 7 to change, 0 to take off, 3 conflicts." in text
