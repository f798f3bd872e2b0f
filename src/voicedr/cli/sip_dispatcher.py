"""``voicedr sip dispatcher``: look at a Kamailio dispatcher and steer it, without a failed call."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Annotated, Any, TypeVar

import msgspec
import typer

from voicedr.cli.sip_options import FINDING, REFUSED, UNKNOWN, AsJson, out, say_json, stop
from voicedr.cli.sip_output import destination_values, show_destinations
from voicedr.runtime.sipkit.dispatcher import Destination, NotUndoable, Reload, SetState, State, find, inverse
from voicedr.runtime.sipkit.kamailio_rpc import Rpc, RpcError, WrongPlace, rpc_at
from voicedr.runtime.sipkit.steer import Changed, Steered, listed, steer

T = TypeVar("T")

dispatcher_app = typer.Typer(
    help="Steer a Kamailio dispatcher through its JSON-RPC: looked at before, done once, read back.",
    no_args_is_help=True,
)

AT = "unix:/run/kamailio/kamailio_rpc.sock"

RpcPlace = Annotated[
    str,
    typer.Option(
        "--rpc", metavar="PLACE", envvar="VOICEDR_KAMAILIO", help="http://HOST:PORT/RPC, or unix:/PATH on this machine."
    ),
]
SetId = Annotated[int, typer.Argument(metavar="SET", min=0, help="The set's number.")]
Uri = Annotated[str, typer.Argument(metavar="URI", help="The target, as the list has it: sip:192.0.2.1:5060.")]
Last = Annotated[
    bool, typer.Option("--last", help="Also if no other target of the set is in service: calls will fail.")
]


@dispatcher_app.command("list")
def list_(rpc: RpcPlace = AT, as_json: AsJson = False) -> None:
    """Every target and its state.

    Exit codes: 0 every set has a target in service; 1 one has none; 2 wrong use; 3 Kamailio could not be asked.
    """
    seen = _waited(listed(_rpc(rpc)))
    if as_json:
        say_json({"targets": [destination_values(one) for one in seen]})
    else:
        show_destinations(seen)
    empty = {one.set_id for one in seen} - {one.set_id for one in seen if one.in_service}
    for set_id in sorted(empty):
        if not as_json:
            out.print(f"✖ set {set_id} has no target in service: its calls fail", markup=False)
    raise typer.Exit(FINDING if empty or not seen else 0)


@dispatcher_app.command("set")
def set_(
    set_id: SetId,
    uri: Uri,
    state: Annotated[
        State, typer.Argument(help="disabled is a drain; probing comes back with the next answered ping.")
    ],
    was: Annotated[
        str | None, typer.Option("--was", metavar="FLAGS", help="Only if its flags are these now, e.g. AP.")
    ] = None,
    last: Last = False,
    rpc: RpcPlace = AT,
    as_json: AsJson = False,
) -> None:
    """Put a target into a state. Saying it twice is saying it once.

    Exit codes: 0 it is so, read back; 2 wrong use; 3 Kamailio could not be asked, or its answer was lost; 4 it stands
    differently, or is the last one in service: nothing was done.
    """
    _steer(rpc, set_id, uri, state, was, last, as_json)


@dispatcher_app.command("drain")
def drain(set_id: SetId, uri: Uri, last: Last = False, rpc: RpcPlace = AT, as_json: AsJson = False) -> None:
    """Send a target no new calls; those that it has go on. Not pinged, so that no ping brings it back.

    Exit codes: as for `voicedr sip dispatcher set`.
    """
    _steer(rpc, set_id, uri, State.DISABLED, None, last, as_json)
    if not as_json:
        out.print("A reload by anybody else brings it back: put it out of the list file too if it is to stay out.")


@dispatcher_app.command("reload")
def reload(
    keep: Annotated[
        bool, typer.Option("--keep/--no-keep", help="Take out again at once what was out of service before.")
    ] = True,
    rpc: RpcPlace = AT,
    as_json: AsJson = False,
) -> None:
    """Read the list file again. Kamailio forgets what was drained; it is drained again, unless --no-keep.

    It cannot be undone: what the file said before is kept nowhere.

    Exit codes: 0 it is read; 1 a set has no target in service now; 2 wrong use; 3 Kamailio could not be asked; 4 the
    list changed meanwhile, nothing was done.
    """
    asking = _rpc(rpc)

    async def do() -> Steered:
        return await steer(asking, Reload(await listed(asking), keep))

    done = _waited(do())
    if as_json:
        say_json(
            {
                "after": [destination_values(one) for one in done.after],
                "taken_out_again": [one.uri for one in done.again],
            }
        )
    else:
        show_destinations(done.after)
        for one in done.again:
            out.print(f"{one.uri} had been taken out of service and was taken out again", markup=False)
    served = {one.set_id for one in done.after if one.in_service}
    raise typer.Exit(0 if done.after and served == {one.set_id for one in done.after} else FINDING)


def _steer(place: str, set_id: int, uri: str, state: State, was: str | None, last: bool, as_json: bool) -> None:
    asking = _rpc(place)

    async def do() -> Steered | Destination:
        seen = await listed(asking)
        there = find(seen, set_id, uri)
        if there is not None and was is None and there.state is state:
            return there
        flags = was if was is not None else "" if there is None else there.flags
        return await steer(asking, SetState(set_id, uri, flags, state, last))

    done = _waited(do())
    if isinstance(done, Destination):
        if as_json:
            say_json({"changed": False, "now": destination_values(done)})
        else:
            out.print(f"{uri} of set {set_id} is {state.value} already ({done.flags})", markup=False)
        return
    assert isinstance(done.action, SetState)  # noqa: S101 (it was made here)
    before, now = find(done.before, set_id, uri), find(done.after, set_id, uri)
    try:
        undo: SetState | None = inverse(done.action)
    except NotUndoable:
        undo = None
    if as_json:
        say_json(
            {
                "changed": True,
                "before": destination_values(before) if before else None,
                "now": destination_values(now) if now else None,
                "undo": msgspec.to_builtins(undo),
            }
        )
        return
    out.print(
        f"{uri} of set {set_id} is {state.value} ({now.flags if now else '?'}, was {before.flags if before else '?'})",
        markup=False, soft_wrap=True,
    )  # fmt: skip
    if undo is not None:
        out.print(f"back: voicedr sip dispatcher set {set_id} {uri} {undo.to.value}", markup=False, soft_wrap=True)


def _rpc(place: str) -> Rpc:
    try:
        return rpc_at(place)
    except WrongPlace as exc:
        stop(f"--rpc: {exc}. Nothing was done.")


def _waited(work: Coroutine[Any, Any, T]) -> T:
    try:
        return asyncio.run(work)
    except Changed as exc:
        stop(str(exc), REFUSED)
    except RpcError as exc:
        stop(str(exc), UNKNOWN)
