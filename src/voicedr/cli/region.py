"""``voicedr region``: the document that tells a customer's applications which Region is active."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, NoReturn, TypeVar

import typer

region_app = typer.Typer(help="The active Region, as customers' applications are told it.", no_args_is_help=True)

FINDING, WRONG_USE, COULD_NOT_LOOK, REFUSED, LOST = 1, 2, 3, 4, 5

WORK_S_MAX = 60.0
"""A race of five rounds and a switch over a slow network; more is a name that never resolves."""

T = TypeVar("T")

Address = Annotated[
    str,
    typer.Argument(
        metavar="ADDRESS",
        help="file:/PATH, http(s)://…, etcd:http://HOST:PORT/KEY, consul:http://HOST:PORT/KEY, postgresql://…#ROW, or"
        " env:NAME that holds one of these.",
    ),
]
Trusted = Annotated[
    list[str] | None,
    typer.Option("--trust", metavar="REFERENCE", help="A public key that is believed, env:NAME or file:/path. Again."),
]


@region_app.command()
def keygen(
    to: Annotated[Path, typer.Option("--to", metavar="FILE", help="The private key's new file; FILE.pub is public.")],
) -> None:
    """Make a key that signs documents. Exit 0 made, 2 a file is there already or cannot be written."""
    from voicedr.runtime.region.signing import KeyUnusable, SigningKey

    key = SigningKey.made()
    try:
        public = key.write(to)
    except KeyUnusable as exc:
        _end(str(exc), WRONG_USE)
    typer.echo(
        f"{to}: the private key {key.id}, for its owner alone. Whoever switches names it: --key file:{to.absolute()}\n"
        f'{public}: the public key. Every instance believes it: trust=["file:{public.absolute()}"]'
    )


@region_app.command()
def show(
    address: Address,
    trust: Trusted = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Say which Region is active. Exit 0, 1 nothing there that is believed, 2 wrong use, 3 could not look."""
    from voicedr.runtime.region import Trust, Unusable, offered, source_of

    def look() -> tuple[str, bytes | None]:
        place = source_of(address)
        return place.name, place.read(latest=True).content

    name, content = _guarded(look)
    believed = _guarded(lambda: Trust.named(trust or ()))
    offer = Unusable("there is no document") if content is None else offered(content, believed)
    match offer:
        case Unusable(why):
            if as_json:
                typer.echo(json.dumps({"place": name, "region": None, "epoch": None, "problem": why}))
            else:
                typer.echo(f"{name}: {why}", err=True)
            raise typer.Exit(FINDING)
        case document:
            if as_json:
                told = {"place": name, "region": document.region, "epoch": document.epoch, "problem": None}
                typer.echo(json.dumps({**told, "written_at": document.written_at, "signed": bool(trust)}))
            else:
                by = "signed by a key that is believed" if trust else "not checked for a signature"
                written = f", written {document.written_at}" if document.written_at else ""
                typer.echo(f"{document.region} · epoch {document.epoch}{written} · {by} · {name}")


@region_app.command()
def switch(
    address: Address,
    to: Annotated[str, typer.Option("--to", metavar="REGION", help="us1, ie1 or au1.")],
    key: Annotated[
        str | None, typer.Option("--key", metavar="REFERENCE", help="Sign with this private key, env: or file:/path.")
    ] = None,
    above: Annotated[
        int | None, typer.Option("--above", min=0, help="An epoch that instances hold; the new one is higher.")
    ] = None,
    confirm: Annotated[
        list[str] | None, typer.Option("--confirm", metavar="URL", help="Where an instance says its Region. Again.")
    ] = None,
    wait_s: Annotated[
        float, typer.Option("--wait", min=0, max=600, help="Seconds that instances have to follow.")
    ] = 10.0,
) -> None:
    """Name another Region, with the next epoch, and wait until every instance says so.

    Exit 0 done, 1 an instance does not follow, 2 wrong use, 3 nothing changed: the place could not be asked, 4 nothing
    changed: refused, 5 it may have changed: look before repeating.
    """
    from voicedr.runtime.edge.regions import checked_region
    from voicedr.runtime.region import SigningKey, prove, sink_of
    from voicedr.runtime.region import switch as write
    from voicedr.runtime.region.instances import ask, doubts

    urls = confirm or []
    try:
        checked_region(to)
    except ValueError as exc:
        _end(f"--to: {exc}", WRONG_USE)
    for url in urls:
        if not re.match(r"https?://[^/?#\s]+", url):
            _end("--confirm: an http or https URL is wanted, such as http://web-1.example/region", WRONG_USE)

    def work() -> tuple[str, int]:
        signing = None if key is None else SigningKey.named(key)
        sink = sink_of(address)
        prove(lambda: sink_of(address), address, f"selftest-{secrets.token_hex(4)}")
        held = [one.epoch or 0 for one in ask(urls)] if urls else []
        floor = max([above, *held] if above is not None else [*held, 0])
        document = write(
            sink,
            to,
            id=secrets.token_hex(8),
            written_at=datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
            key=signing,
            above=floor if above is not None or any(held) else None,
        )
        return sink.name, document.epoch

    name, epoch = _guarded(work, changes=True)
    typer.echo(f"{name}: {to}, epoch {epoch}, written and read back")
    if not urls:
        typer.echo("no instance was asked: name them with --confirm URL", err=True)
        return
    if lines := doubts(urls, to, epoch, wait_s):
        typer.echo("\n".join(lines), err=True)
        typer.echo(f"{len(urls) - len(lines)} of {len(urls)} instances follow after {wait_s:g} s", err=True)
        raise typer.Exit(FINDING)
    typer.echo(f"{len(urls)} of {len(urls)} instances follow")


@region_app.command()
def selftest(
    address: Address,
    racers: Annotated[int, typer.Option(min=2, max=64, help="Who write at once.")] = 8,
    rounds: Annotated[int, typer.Option(min=1, max=1000, help="How often.")] = 5,
) -> None:
    """Race a place on a scratch key: of those who write at once exactly one must win, in every round.

    Exit 0 it keeps its word, 2 wrong use, 3 could not find out, 4 it does not: no switch will go through it.
    """
    from voicedr.runtime.region import race, sink_of

    def work() -> str:
        race(lambda: sink_of(address), f"selftest-{secrets.token_hex(4)}", racers=racers, rounds=rounds)
        return sink_of(address).name

    name = _guarded(work)
    typer.echo(f"{name}: {racers} wrote at once, {rounds} times; each time exactly one won")


def _guarded(work: Callable[[], T], *, changes: bool = False) -> T:
    """What the work gives; else its words and its exit code."""
    from voicedr.runtime.references import SecretMissing
    from voicedr.runtime.region import (
        KeyUnusable,
        PlaceError,
        PlaceRefused,
        PlaceUnsettled,
        SinkBroken,
        SwitchLost,
        SwitchRefused,
        WrongAddress,
    )
    from voicedr.runtime.region.bounded import bounded

    try:
        return bounded(work, WORK_S_MAX)
    except (SecretMissing, KeyUnusable, WrongAddress) as exc:
        _end(str(exc), WRONG_USE)
    except (SinkBroken, SwitchRefused, PlaceRefused) as exc:
        _end(str(exc), REFUSED)
    except (SwitchLost, PlaceUnsettled) as exc:
        _end(str(exc), LOST if changes else COULD_NOT_LOOK)
    except PlaceError as exc:
        _end(
            f"{exc}. {'Nothing was changed. ' if changes else ''}Is it there, and is the address right?", COULD_NOT_LOOK
        )
    except TimeoutError as exc:
        _end(
            f"{exc}{': look what it says now (voicedr region show) before repeating' if changes else ''}",
            LOST if changes else COULD_NOT_LOOK,
        )


def _end(words: str, code: int) -> NoReturn:
    typer.echo(words, err=True)
    raise typer.Exit(code)
