"""A target steered by hand: lines that a shell takes, and that say what the program says."""

from __future__ import annotations

import json
import shlex
from datetime import timedelta

import pytest

from scenes import NOW, account_values, fake_account, flow_of, snapshot_of
from steered_scene import ASHBURN, DISABLED, an_sbc, seen, standing, with_sbcs
from voicedr.program.bag.printed import as_text
from voicedr.program.bag.procedure import procedure
from voicedr.program.bag.steps import env_setting, steer_by_hand
from voicedr.program.execution.actions import SteerDispatcher, action_id, inverse
from voicedr.program.execution.make_plan import make_plan
from voicedr.program.scope.sbc import TargetState
from voicedr.program.scope.workbook import Workbook
from voicedr.program.vocabulary import Mode, Purpose


def action(rpc: str) -> SteerDispatcher:
    """Take Ashburn out."""
    return SteerDispatcher("sbc-1", rpc, 1, ASHBURN, TargetState.ACTIVE, DISABLED)


def test_over_http_it_is_what_the_program_sends() -> None:
    """Look, set, look; the body is Kamailio's JSON-RPC."""
    step = steer_by_hand(action("http://10.0.0.5:8080/RPC"), 15)
    look, change, again = (shlex.split(one) for one in step.commands)
    assert look == again
    body = json.loads(change[change.index("-d") + 1])
    assert (body["method"], body["params"]) == ("dispatcher.set_state", ["dx", 1, ASHBURN])
    assert json.loads(look[look.index("-d") + 1])["method"] == "dispatcher.list"
    assert change[-1] == "http://10.0.0.5:8080/RPC"
    assert any("never take the last one out" in words for words in step.expects)


@pytest.mark.parametrize(
    ("rpc", "end"),
    [("env:SBC_RPC", '"${SBC_RPC}"'), ("file:/etc/it's", "\"$(cat '/etc/it'\"'\"'s')\"")],
)
def test_a_reference_stays_one(rpc: str, end: str) -> None:
    """The shell looks it up; the paper does not know it."""
    assert steer_by_hand(action(rpc), 15).commands[1].endswith(end)


def test_a_missing_variable_stops_the_shell() -> None:
    """Before anything is sent to nowhere."""
    assert env_setting("env:SBC_RPC") == ': "${SBC_RPC:?is not set: where the SBC is asked}"'
    assert env_setting("http://10.0.0.5/RPC") == ""


def test_on_the_sbc_itself_it_is_kamcmd() -> None:
    """A datagram socket cannot be asked by curl."""
    step = steer_by_hand(action("unix:/run/kamailio/kamailio_rpc.sock"), 15)
    assert step.commands[1] == f"kamcmd dispatcher.set_state dx 1 {ASHBURN}"


def test_the_procedure_has_every_target_there_and_back() -> None:
    """By the plan's ids, in its order, and backwards."""
    flow = with_sbcs(flow_of({"canary": 1, "rest": 1}), an_sbc(rpc="env:SBC_RPC"))
    facts = seen(snapshot_of(fake_account(flow), flow))
    facts.dispatchers["env:SBC_RPC"] = standing()
    plan = make_plan(flow, account_values(), facts, purpose=Purpose.FAILOVER, mode=Mode.UNGRACEFUL)
    made = procedure(Workbook(account_values(), (), (flow,)), flow, plan, NOW, NOW + timedelta(days=1))
    assert [step.id for step in made.steps if step.id] == [action_id(one) for one in plan.actions]
    back = [step.id for part in made.back for step in part.steps]
    assert back == [action_id(inverse(one)) for one in reversed(plan.actions)]
    assert env_setting("env:SBC_RPC") in made.settings
    assert "dispatcher.set_state" in as_text(made)
