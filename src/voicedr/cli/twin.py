"""``voicedr twin``: start the twin, break it, heal it, ring it."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from voicedr.twin.world.account import default_world
from voicedr.twin.world.account_text import read_account
from voicedr.twin.world.credentials import spoken
from voicedr.twin.world.findings import Mistakes
from voicedr.twin.world.model import World
from voicedr.twin.world.state import BadState, as_json, end_cut_calls, from_json

if TYPE_CHECKING:
    from voicedr.twin.server.serve import Serving
    from voicedr.twin.server.wall_clock import WallClock

# The server and the adapters are imported where they are started: break, heal and call need neither.

twin_app = typer.Typer(help="A Twilio with three Regions on this machine, that you can break.", no_args_is_help=True)

HTTP_PORT, PROXY_PORT = 8740, 8741
CONTROL_TIMEOUT_S = 130.0
"""Longer than a call that is waited for lasts with an ordinary caller."""

At = Annotated[str, typer.Option(envvar="VOICEDR_TWIN", help="The twin's address.")]
AT = f"http://127.0.0.1:{HTTP_PORT}"


@twin_app.command()
def up(
    port: Annotated[int, typer.Option(help="Port of plain HTTP; 0 takes a free one.")] = HTTP_PORT,
    proxy_port: Annotated[int, typer.Option(help="Port of the proxy for official clients; 0: free.")] = PROXY_PORT,
    account: Annotated[Path | None, typer.Option(help="What the account has: YAML or JSON.")] = None,
    state: Annotated[Path | None, typer.Option(help="Loaded if it is there; written at the end.")] = None,
    seed: Annotated[int, typer.Option(help="What ids, secrets and chance are made from.")] = 1,
    as_json_: Annotated[bool, typer.Option("--json", help="One line of JSON when it is ready.")] = False,
) -> None:
    """Run until Ctrl-C or SIGTERM.

    Exit codes: 0 it ended as asked; 2 a file or a port cannot be used, and nothing was started.
    """
    from voicedr.twin.server.serve import PortInUse
    from voicedr.twin.server.wall_clock import WallClock

    clock = WallClock()
    world = _world(account, state, seed, clock.now().timestamp())
    try:
        _run(_serve(world, clock, port, proxy_port, state, as_json_))
    except PortInUse as exc:
        which = "--port" if exc.port == port else "--proxy-port"
        _stop(f"{exc}. End what listens there, or choose another with {which} (0 takes a free one).")


@twin_app.command("break")
def break_(
    fault: Annotated[str, typer.Argument(help="A fault, e.g. region-down; `menu` lists them.")],
    parameters: Annotated[list[str] | None, typer.Argument(help="Its parameters: region=us1 mode=black-hole")] = None,
    for_s: Annotated[float | None, typer.Option(help="Heal it by itself after so many seconds.")] = None,
    at: At = AT,
) -> None:
    """Break something. Prints the fault's id, for `heal`; `break menu` lists what can be broken."""
    if fault == "menu":
        _print_menu(_ask(at, "GET", "/_twin/menu"))
        return
    body: dict[str, Any] = {"fault": fault}
    for parameter in parameters or []:
        name, equals, value = parameter.partition("=")
        if not equals:
            _stop(f"{parameter!r} is no parameter: write name=value, e.g. region=us1. Nothing was broken.")
        body[name] = _value(name, value)
    if for_s is not None:
        body["for_s"] = for_s
    typer.echo(_ask(at, "POST", "/_twin/faults", body)["id"])


@twin_app.command()
def heal(
    fault_id: Annotated[str | None, typer.Argument(help="What `break` printed; left out: everything.")] = None,
    at: At = AT,
) -> None:
    """Let one thing, or everything, work again."""
    _ask(at, "DELETE", f"/_twin/faults/{fault_id}" if fault_id else "/_twin/faults")


@twin_app.command()
def call(
    to: Annotated[str, typer.Argument(help="The number to ring, e.g. +14155550100.")],
    from_: Annotated[str, typer.Option("--from", help="Who rings.")] = "+16465550123",
    presses: Annotated[list[str] | None, typer.Option(help="Digits at each menu in turn; repeat it.")] = None,
    hangs_up_after_s: Annotated[float, typer.Option(help="The caller's patience.")] = 30.0,
    as_json_: Annotated[bool, typer.Option("--json", help="The whole call as JSON.")] = False,
    at: At = AT,
) -> None:
    """Ring a number and tell what the caller heard."""
    caller = {"presses": presses or [], "hangs_up_after_s": hangs_up_after_s}
    made = _ask(at, "POST", "/_twin/calls?wait=1", {"from": from_, "to": to, "caller": caller})
    if as_json_:
        typer.echo(json.dumps(made))
        return
    typer.echo(f"{made['outcome']} in {made['region'] or 'no Region'} {made['call_sid']}".rstrip())
    for heard in made["heard"]:
        typer.echo(f"  {heard['at_s']:7.1f} s  {heard['what']}  {heard['detail']}".rstrip())


def _world(account: Path | None, state: Path | None, seed: int, now: float) -> World:
    if state is not None and state.exists():
        try:
            world = from_json(state.read_bytes())
        except (OSError, BadState) as exc:
            _stop(f"{state} cannot be loaded: {exc}. Nothing was started and the file is as it was.")
        end_cut_calls(world, now)
        return world
    if account is None:
        return default_world(seed, now)
    try:
        return read_account(account.read_text(encoding="utf-8"), seed, now)
    except (OSError, UnicodeDecodeError) as exc:
        _stop(f"{account} cannot be read: {exc}. Nothing was started.")
    except Mistakes as exc:
        for mistake in exc.found:
            where = f"{account}:{mistake.line}" if mistake.line is not None else str(account)
            typer.echo(f"{where}: {mistake.path or 'the file'} {mistake.what}", err=True)
        _stop(f"{account} has {len(exc.found)} mistake(s). Correct them and start again; nothing was started.")


async def _serve(
    world: World, clock: WallClock, port: int, proxy_port: int, state: Path | None, as_json_: bool
) -> None:
    from voicedr.bootstrap import webhook_send
    from voicedr.twin.server.serve import serving
    from voicedr.twin.twin import Twin

    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    with tempfile.TemporaryDirectory(prefix="voicedr-twin-") as directory:
        async with webhook_send() as send:
            twin = Twin(world, clock, send)
            try:
                async with serving(twin, Path(directory), http_port=port, proxy_port=proxy_port) as where:
                    _tell(world, where, as_json_)
                    await ended.wait()
            finally:
                await twin.close()
    if state is not None:
        _save(world, state)


def _run(main: Coroutine[Any, Any, None]) -> None:
    """Run on the fastest event loop there is here."""
    if sys.platform == "win32":
        asyncio.run(main)
        return
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main)


def _save(world: World, state: Path) -> None:
    """Write beside it and rename, so that a half-written state never takes the place of a whole one."""
    beside = state.with_name(state.name + ".new")
    try:
        beside.write_bytes(as_json(world))
        beside.replace(state)
    except OSError as exc:
        _stop(f"the state could not be saved to {state}: {exc}. What it held before is still there.")


def _tell(world: World, where: Serving, as_json_: bool) -> None:
    credentials = spoken(world)
    told = {
        "http": where.http,
        "proxy": where.proxy,
        "ca": str(where.ca_file),
        "account_sid": world.account_sid,
        "credentials": credentials,
    }
    if as_json_:
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()
        return
    typer.echo(f"The twin is up: {len(world.numbers)} numbers in account {world.account_sid}.\n")
    typer.echo(f"  control and API   {where.http}   (GET /_twin/openapi.json says what it can)")
    typer.echo(f"  official clients  export HTTPS_PROXY={where.proxy} REQUESTS_CA_BUNDLE={where.ca_file}\n")
    for region, credential in credentials.items():
        key = f"key {credential['api_key']}  secret {credential['api_secret']}" if "api_key" in credential else "no key"
        typer.echo(f"  {region}  token {credential['auth_token']}  {key}")
    typer.echo("\nCtrl-C ends it. These credentials open nothing but this twin.")
    sys.stdout.flush()


def _ask(at: str, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    if not at.startswith(("http://127.", "http://localhost", "http://[::1]")):
        _stop(f"--at is {at!r}; the twin is on this machine: give http://127.0.0.1:PORT")
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(at.rstrip("/") + path, data, method=method)  # noqa: S310 (checked above)
    # No proxy from the environment: it may be the twin's own.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=CONTROL_TIMEOUT_S) as answer:
            text = answer.read()
    except urllib.error.HTTPError as exc:
        _stop(_reason(exc.read(), exc.code))
    except (urllib.error.URLError, TimeoutError) as exc:
        _stop(f"the twin at {at} does not answer: {exc}. Start it with `voicedr twin up`, or say where with --at.")
    return json.loads(text) if text else None


def _reason(body: bytes, status: int) -> str:
    try:
        return str(json.loads(body)["error"])
    except (ValueError, KeyError, TypeError):
        return f"the twin answered {status}: {body[:200]!r}"


def _value(name: str, text: str) -> Any:
    """A parameter as its kind: names that end in _s, and rate, are numbers; the rest is text."""
    if name != "rate" and not name.endswith("_s"):
        return text
    try:
        return float(text)
    except ValueError:
        return text


def _print_menu(menu: dict[str, Any]) -> None:
    for name, entry in menu.items():
        typer.echo(f"{name}\n  {entry['meaning'].splitlines()[0]}")
        for parameter in entry["parameters"]:
            choices = f" ({', '.join(parameter['choices'])})" if parameter["choices"] else ""
            needed = "required" if parameter["required"] else f"default {parameter['default']}"
            typer.echo(f"    {parameter['name']}: {parameter['meaning']}{choices}; {needed}")


def _stop(message: str) -> NoReturn:
    typer.echo(f"voicedr twin: {message}", err=True)
    raise typer.Exit(2)


if __name__ == "__main__":
    twin_app()
