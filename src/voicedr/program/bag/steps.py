"""A step for hands, and the one that steers a target of the customer's own dispatcher.

The commands are Kamailio's own: ``dispatcher.list`` and ``dispatcher.set_state``
(https://www.kamailio.org/docs/modules/stable/modules/dispatcher.html, RPC commands), over HTTP with curl, or on the SBC
itself with ``kamcmd``.
"""

from __future__ import annotations

import json
from shlex import quote

import msgspec

from voicedr.program.execution.actions import SteerDispatcher, action_id
from voicedr.program.scope.sbc import KAMAILIO_WORDS, TargetState


class Step(msgspec.Struct, frozen=True):
    """One box to tick. ``id`` is the action's in the plan; empty for what only looks."""

    id: str
    title: str
    commands: tuple[str, ...]
    expects: tuple[str, ...]


def steer_by_hand(action: SteerDispatcher, answer_s_max: int) -> Step:
    """Look, set, and read back one target."""
    look = _command(action.rpc, answer_s_max, "dispatcher.list")
    word = KAMAILIO_WORDS[action.to]
    change = _command(action.rpc, answer_s_max, "dispatcher.set_state", word, action.set_id, action.target)
    expects = [
        f"in set {action.set_id} the first answer shows {action.target} with {_flags(action.was)}; if it shows"
        f" {_flags(action.to)} already, this step is done; if another state, find out who steers it",
        f"the last answer shows it with {_flags(action.to)}",
    ]
    if action.to is not TargetState.ACTIVE:
        expects.insert(1, "another target of the set is in service (A or T): never take the last one out")
    if action.rpc.startswith("unix:"):
        expects.append(f"kamcmd is typed on {action.sbc} itself, which needs its module ctl")
    return Step(
        action_id(action),
        f"{action.target} on {action.sbc}: {action.was} to {action.to}",
        (look, change, look),
        tuple(expects),
    )


def env_setting(rpc: str) -> str:
    """A line that stops the shell if the variable is not set that says where an SBC is asked; empty if none does."""
    return f': "${{{rpc[4:]}:?is not set: where the SBC is asked}}"' if rpc.startswith("env:") else ""


def _command(rpc: str, answer_s_max: int, method: str, *params: str | int) -> str:
    if rpc.startswith("unix:"):
        return " ".join(("kamcmd", method, *(quote(str(one)) for one in params)))
    asked = {"jsonrpc": "2.0", "id": 1, "method": method} | ({"params": list(params)} if params else {})
    return (
        f"curl -sS -m {answer_s_max} -w '\\n%{{http_code}}\\n' -H 'Content-Type: application/json'"
        f" -d {quote(json.dumps(asked))} {_where(rpc)}"
    )


def _where(rpc: str) -> str:
    kind, _, rest = rpc.partition(":")
    match kind:
        case "env":
            return f'"${{{rest}}}"'
        case "file":
            return f'"$(cat {quote(rest)})"'
        case _:
            return quote(rpc)


def _flags(state: TargetState) -> str:
    """Both letters where they count; of an active or disabled target the first one is the state."""
    word = KAMAILIO_WORDS[state].upper()
    return f'"FLAGS": "{word}"' if word[0] == "I" else f'"FLAGS": "{word[0]}…"'
