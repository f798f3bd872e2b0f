"""``voicedr twin``: start the twin, break it, heal it, ring it."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from voicedr.twin.world.account import default_world
from voicedr.twin.world.account_text import read_account
from voicedr.twin.world.credentials import spoken
from voicedr.twin.world.findings import Mistakes
from voicedr.twin.world.model import REGIONS, World
from voicedr.twin.world.state import BadState, as_json, end_cut_calls, from_json

if TYPE_CHECKING:
    from voicedr.twin.scenarios.scenario import Scenario
    from voicedr.twin.server.real_sip import RealSip
    from voicedr.twin.server.serve import Serving
    from voicedr.twin.server.wall_clock import WallClock

# The server and the adapters are imported where they are started: break, heal and call need neither.

twin_app = typer.Typer(help="A Twilio with three Regions on this machine, that you can break.", no_args_is_help=True)

HTTP_PORT, PROXY_PORT = 8740, 8741
CONTROL_TIMEOUT_S = 130.0
"""Longer than a call that is waited for lasts with an ordinary caller."""

TOKEN_CHARACTERS_READ = 65_536
"""More than any token has: what is longer is refused by the twin."""

At = Annotated[str, typer.Option(envvar="VOICEDR_TWIN", help="The twin's address.")]
AT = f"http://127.0.0.1:{HTTP_PORT}"


@twin_app.command()
def up(
    port: Annotated[int, typer.Option(help="Port of plain HTTP; 0 takes a free one.")] = HTTP_PORT,
    proxy_port: Annotated[int, typer.Option(help="Port of the proxy for official clients; 0: free.")] = PROXY_PORT,
    account: Annotated[Path | None, typer.Option(help="What the account has: YAML or JSON.")] = None,
    state: Annotated[Path | None, typer.Option(help="Loaded if it is there; written at the end.")] = None,
    seed: Annotated[int, typer.Option(help="What ids, secrets and chance are made from.")] = 1,
    scenario: Annotated[str | None, typer.Option(help="Play this file, or one that comes with the twin.")] = None,
    sip: Annotated[bool, typer.Option("--sip", help="Real SIP on this machine: trunks, SIP domains, phones.")] = False,
    sip_port: Annotated[int, typer.Option(help="SIP port of every edge's addresses; 0 takes free ones.")] = 5060,
    sip_tls_port: Annotated[
        int | None, typer.Option(help="SIP port for TLS; 0 takes free ones. Left out: the one after --sip-port.")
    ] = None,
    dns_port: Annotated[
        int | None, typer.Option(help="The name server's port; 0 takes a free one. Left out: 53, or a free one.")
    ] = None,
    sip_host: Annotated[
        list[str] | None, typer.Option(help="An address for a SIP name: sbc1.acme.example=127.0.0.9:5070; repeat it.")
    ] = None,
    sound: Annotated[
        bool, typer.Option("--sound/--no-sound", help="With --sip, real phones hear and key; without, none is sent.")
    ] = True,
    as_json_: Annotated[bool, typer.Option("--json", help="One line of JSON when it is ready.")] = False,
) -> None:
    """Run until Ctrl-C or SIGTERM.

    With --sip, trunks' calls are real SIP over UDP, TCP and TLS, and a name server knows the provider's names: it
    answers with addresses of this machine, and forwards nothing.

    Exit codes: 0 it ended as asked; 2 a file or a port cannot be used, and nothing was started.
    """
    from voicedr.twin.media.speech import PROGRAM, available
    from voicedr.twin.server.names import NamesNotServed
    from voicedr.twin.server.real_sip import RealSip
    from voicedr.twin.server.serve import PortInUse
    from voicedr.twin.server.sip import SipNotStarted, read_hosts
    from voicedr.twin.server.wall_clock import WallClock

    clock = WallClock()
    try:
        sip_hosts = read_hosts(sip_host or [])
    except ValueError as exc:
        _stop(f"--sip-host: {exc}. Nothing was started.")
    played = _scenario(scenario) if scenario is not None else None
    world = _world(account, state, seed, clock.now().timestamp())
    real_sip = RealSip(sip_port, sip_tls_port, dns_port, sip_hosts, sound) if sip or sip_hosts else None
    if real_sip is not None and sound and not available():
        typer.echo(f"voicedr twin: {PROGRAM} is not installed, so real phones hear a tone for every word.", err=True)
    try:
        _run(_serve(world, clock, port, proxy_port, state, as_json_, real_sip, played))
    except SipNotStarted as exc:
        _stop(
            f"{exc}. End what listens there, or choose other ports with --sip-port and --sip-tls-port; nothing was "
            "started."
        )
    except NamesNotServed as exc:
        _stop(f"{exc}. End what listens there, or choose another port with --dns-port; nothing was started.")
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
    """Break something. Prints the fault's id, for `heal`; `break menu` lists what can be broken.

    A number may change over time: `rate=0..1@600` goes from 0 to 1 in 600 seconds.
    """
    if fault == "menu":
        _print_menu(_ask(at, "GET", "/_twin/menu"))
        return
    body: dict[str, Any] = {"fault": fault}
    for parameter in parameters or []:
        name, equals, value = parameter.partition("=")
        if not equals:
            _stop(f"{parameter!r} is no parameter: write name=value, e.g. region=us1. Nothing was broken.")
        body[name] = value
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


@twin_app.command()
def token(
    as_json_: Annotated[bool, typer.Option("--json", help="The answer as JSON.")] = False,
    at: At = AT,
) -> None:
    """Read a Voice SDK's access token from standard input and tell what the provider would answer to it.

    Exit codes: 0 a client gets in with it; 1 it is refused; 2 the twin cannot be reached, or nothing was given.
    """
    given = sys.stdin.read(TOKEN_CHARACTERS_READ).strip()
    if not given:
        _stop("no token was given: write it to standard input, e.g. `voicedr twin token < token.txt`.")
    answer = _ask(at, "POST", "/_twin/token", {"token": given})
    if as_json_:
        typer.echo(json.dumps(answer))
    else:
        typer.echo(f"accepted: {answer['message']}" if answer["accepted"] else f"{answer['code']}: {answer['message']}")
    raise typer.Exit(0 if answer["accepted"] else 1)


@twin_app.command("exec", context_settings={"allow_interspersed_args": False})
def exec_(
    command: Annotated[list[str], typer.Argument(help="The command and its arguments, after `--`.")],
    at: Annotated[str | None, typer.Option(envvar="VOICEDR_TWIN", help=f"A running twin. Left out: {AT}.")] = None,
    account: Annotated[Path | None, typer.Option(help="Start a twin for the command, with this account.")] = None,
    seed: Annotated[int | None, typer.Option(help="Start a twin for the command, made from this seed.")] = None,
    region: Annotated[str | None, typer.Option(help="Give this Region's credentials, Region and edge.")] = None,
    hosts: Annotated[
        bool,
        typer.Option(
            "--hosts",
            help="Give the command its own hosts file and name server with the provider's names (Linux, root).",
        ),
    ] = False,
) -> None:
    """Run a command in whose environment official clients, unchanged, reach the twin.

    Its exit code is the command's: 128 and the signal's number if a signal ended it; 127 if it is not there, 126 if it
    cannot be run. 2 if the twin cannot be reached or started, or --hosts cannot be had; nothing was run then.
    """
    from voicedr.cli.twin_exec import NOT_EXECUTABLE, NOT_FOUND, run
    from voicedr.twin.server.private_hosts import CannotOverlay

    if region is not None and region not in REGIONS:
        _stop(f"--region is {region!r}; give one of {', '.join(REGIONS)}. Nothing was run.")

    async def with_twin_of_its_own() -> int:
        from voicedr.twin.server.wall_clock import WallClock

        clock = WallClock()
        world = _world(account, None, 1 if seed is None else seed, clock.now().timestamp())
        async with _opened(world, clock, 0, 0) as where:
            client = await asyncio.to_thread(_ask, where.http, "GET", "/_twin/client")
            return await run(command, where.http, client, where.ca_file.parent, region, hosts=hosts)

    async def with_a_running_twin(address: str) -> int:
        client = _ask(address, "GET", "/_twin/client")
        with tempfile.TemporaryDirectory(prefix="voicedr-exec-") as directory:
            return await run(command, address, client, Path(directory), region, hosts=hosts)

    try:
        own = account is not None or seed is not None
        code = asyncio.run(with_twin_of_its_own() if own else with_a_running_twin((at or AT).rstrip("/")))
    except CannotOverlay as exc:
        _stop(f"{exc}. Nothing was run.")
    if code in (NOT_FOUND, NOT_EXECUTABLE):
        how = "was not found" if code == NOT_FOUND else "cannot be run"
        typer.echo(f"voicedr twin exec: {command[0]} {how}, or itself exited with {code}.", err=True)
    raise typer.Exit(code)


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
        _stop_for(str(account), exc)


def _scenario(name: str) -> Scenario:
    from voicedr.twin.scenarios.files import read_named

    try:
        return read_named(name)
    except (OSError, UnicodeDecodeError) as exc:
        _stop(f"--scenario {name} cannot be read: {exc}. Nothing was started.")
    except Mistakes as exc:
        _stop_for(name, exc)


def _stop_for(file: str, mistakes: Mistakes) -> NoReturn:
    for mistake in mistakes.found:
        where = f"{file}:{mistake.line}" if mistake.line is not None else file
        typer.echo(f"{where}: {mistake.path or 'the file'} {mistake.what}", err=True)
    _stop(f"{file} has {len(mistakes.found)} mistake(s). Correct them and start again; nothing was started.")


async def _serve(
    world: World,
    clock: WallClock,
    port: int,
    proxy_port: int,
    state: Path | None,
    as_json_: bool,
    real_sip: RealSip | None,
    scenario: Scenario | None,
) -> None:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    async with _opened(world, clock, port, proxy_port, real_sip, scenario) as where:
        _tell(world, where, as_json_)
        await ended.wait()
    if state is not None:
        _save(world, state)


@asynccontextmanager
async def _opened(
    world: World,
    clock: WallClock,
    port: int,
    proxy_port: int,
    real_sip: RealSip | None = None,
    scenario: Scenario | None = None,
) -> AsyncIterator[Serving]:
    from voicedr.bootstrap import webhook_send
    from voicedr.twin.server.certificates import Authority
    from voicedr.twin.server.collector import settle
    from voicedr.twin.server.serve import serving
    from voicedr.twin.server.web_sockets import WebSockets
    from voicedr.twin.twin import Twin

    with tempfile.TemporaryDirectory(prefix="voicedr-twin-") as directory:
        authority = Authority(Path(directory))
        real = real_sip.opened(world, clock, authority) if real_sip is not None else nullcontext((None, ""))
        async with webhook_send() as send, WebSockets() as open_socket, real as (sip, dns):
            twin = Twin(world, clock, send, sip=sip, open_socket=open_socket)
            try:
                async with serving(
                    twin, Path(directory), http_port=port, proxy_port=proxy_port, authority=authority, dns=dns
                ) as where:
                    if scenario is not None:
                        twin.scenarios.begin(scenario)
                    settle()
                    if sip is not None:
                        where = replace(where, sip=sip.addresses(), sip_tls=sip.tls_addresses())
                    yield where
            finally:
                await twin.close()


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
    if where.sip:
        told |= {"sip": where.sip, "sip_tls": where.sip_tls, "dns": where.dns}
    if as_json_:
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()
        return
    typer.echo(f"The twin is up: {len(world.numbers)} numbers in account {world.account_sid}.\n")
    typer.echo(f"  control and API   {where.http}   (GET /_twin/openapi.json says what it can)")
    typer.echo(f"  panel             {where.http}/_twin/")
    typer.echo(f"  official clients  voicedr twin exec --at {where.http} --region ie1 -- COMMAND, or")
    typer.echo(f"                    export HTTPS_PROXY={where.proxy} REQUESTS_CA_BUNDLE={where.ca_file}\n")
    if where.sip:
        typer.echo("  trunks really call 127.x.y.z and localhost over SIP, each from its edge; probe an edge at")
        for edge, places in where.sip.items():
            ports = dict.fromkeys(place.rpartition(":")[2] for place in where.sip_tls[edge])
            typer.echo(f"    {edge:<10}  {', '.join(places)}; TLS at {', '.join(ports)}")
        host, _, dns_port = where.dns.rpartition(":")
        typer.echo(
            f"  names             dig @{host} -p {dns_port} acme.pstn.ashburn.twilio.com   (it forwards nothing)"
        )
        typer.echo("                    voicedr twin exec --hosts, as root, gives them to one command")
        typer.echo("")
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


def _print_menu(menu: dict[str, Any]) -> None:
    area = ""
    for name, entry in sorted(menu.items(), key=lambda one: (one[1]["area"], one[0])):
        if entry["area"] != area:
            area = entry["area"]
            typer.echo(f"\n{area.upper()}\n")
        typer.echo(f"{name}\n  {entry['meaning'].splitlines()[0]}")
        for parameter in entry["parameters"]:
            choices = f" ({', '.join(parameter['choices'])})" if parameter["choices"] else ""
            otherwise = "" if parameter["default"] is None else f"; default {parameter['default']}"
            needed = "; required" if parameter["required"] else otherwise
            typer.echo(f"    {parameter['name']}: {parameter['meaning']}{choices}{needed}")


def _stop(message: str) -> NoReturn:
    typer.echo(f"voicedr twin: {message}", err=True)
    raise typer.Exit(2)


if __name__ == "__main__":
    twin_app()
