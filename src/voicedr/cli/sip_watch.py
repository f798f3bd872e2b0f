"""``voicedr sip watch``: look again and again, say only what changes, and tell Prometheus."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from datetime import datetime
from typing import Annotated

import msgspec
import typer

from voicedr.cli.sip_options import (
    INTERRUPTED,
    TIMEOUT_S,
    UNKNOWN,
    AsJson,
    CaFile,
    Dns,
    DnsTimeout,
    Expiring,
    Families,
    Names,
    PerAddress,
    Source,
    Transports,
    checked_names,
    err,
    families_of,
    out,
    say_json,
    seconds,
    servers_of,
    source_of,
    stop,
    transports_of,
    trust_of,
)
from voicedr.cli.sip_output import change_line
from voicedr.runtime.sipkit.certificates import EXPIRES_SOON_DAYS
from voicedr.runtime.sipkit.lines import Trust
from voicedr.runtime.sipkit.metrics import exposition
from voicedr.runtime.sipkit.metrics_page import PageNotServed, metrics_served
from voicedr.runtime.sipkit.questions import DNS_S, NoServers, read_server
from voicedr.runtime.sipkit.rounds import Round, Wanted, changes, look

EVERY = "15s"
"""The provider asks for no more than one OPTIONS in 10 to 15 s (https://www.twilio.com/docs/sip-trunking)."""

EVERY_S_MIN = 1.0


def watch(
    names: Names,
    every: Annotated[
        str, typer.Option("--every", metavar="TIME", help="Between rounds. The provider wants no less than 10 to 15 s.")
    ] = EVERY,
    for_: Annotated[
        str | None, typer.Option("--for", metavar="TIME", help="End after so long. Default: at Ctrl-C.")
    ] = None,
    metrics: Annotated[
        str | None,
        typer.Option("--metrics", metavar="ADDRESS:PORT", help="Serve /metrics for Prometheus there; port 0: free."),
    ] = None,
    dns: Dns = None,
    dns_timeout_s: DnsTimeout = DNS_S,
    transport: Transports = None,
    family: Families = None,
    source: Source = None,
    ca: CaFile = None,
    timeout_s: PerAddress = TIMEOUT_S,
    expiring_days: Expiring = EXPIRES_SOON_DAYS,
    as_json: AsJson = False,
) -> None:
    """Look at every address again and again and print only what changes: standing, certificate, addresses, DNS.

    Names are asked for anew in each round. Nobody is called.

    Exit codes: at the end of --for as for `voicedr sip probe`, of the last round; 2 wrong use; 130 ended by Ctrl-C.
    """
    every_s = seconds(every, "--every")
    if every_s < EVERY_S_MIN:
        stop(f"--every is {every!r}: a round a second is the most. Nothing was looked at.")
    for_s = None if for_ is None else seconds(for_, "--for")
    wanted = Wanted(
        checked_names(names), transports_of(transport), servers_of(dns), families_of(family), dns_timeout_s, timeout_s,
        source=source_of(source),
    )  # fmt: skip
    trust = trust_of(ca, expiring_days)
    where = _place(metrics)
    try:
        last = asyncio.run(_watch(wanted, trust, every_s, for_s, where, as_json))
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None
    except NoServers as exc:
        stop(f"{exc}. Nothing was looked at.", UNKNOWN)
    except PageNotServed as exc:
        stop(f"--metrics: {exc}. Nothing was looked at.")
    raise typer.Exit(int(last.outcome))


async def _watch(
    wanted: Wanted, trust: Trust, every_s: float, for_s: float | None, where: tuple[str, int] | None, as_json: bool
) -> Round:
    loop = asyncio.get_running_loop()
    ends_at = None if for_s is None else loop.time() + for_s
    page = ""
    before: Round | None = None
    async with AsyncExitStack() as stack:
        if where is not None:
            port = await stack.enter_async_context(metrics_served(*where, lambda: page))
            err.print(f"metrics: http://{where[0]}:{port}/metrics", markup=False)
        while True:
            began = loop.time()
            now = await look(wanted, trust)
            page = exposition(now, time.time(), loop.time() - began)
            at = datetime.now().astimezone()
            for change in changes(before, now):
                if as_json:
                    say_json({"at": at.isoformat(), **msgspec.to_builtins(change)})
                else:
                    out.print(change_line(change, at), markup=False, soft_wrap=True)
            before = now
            next_at = max(began + every_s, loop.time())
            if ends_at is not None and next_at >= ends_at:
                return now
            await asyncio.sleep(next_at - loop.time())


def _place(metrics: str | None) -> tuple[str, int] | None:
    if metrics is None:
        return None
    try:
        if metrics.rpartition(":")[2] == "0":
            return read_server(metrics.rpartition(":")[0] + ":1")[0], 0
        if ":" not in metrics:
            raise NoServers
        return read_server(metrics)
    except NoServers:
        stop(f"--metrics is {metrics!r}: write an address and a port, e.g. 127.0.0.1:9105. Nothing was looked at.")
