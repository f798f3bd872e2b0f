"""``voicedr sip register``: does a device's registration work at each of several edges?"""

from __future__ import annotations

import asyncio
from typing import Annotated

import msgspec
import typer

from voicedr.cli.sip_options import (
    FINDING,
    TIMEOUT_S,
    UNKNOWN,
    AsJson,
    CaFile,
    Dns,
    Families,
    Names,
    PerAddress,
    Source,
    Transports,
    checked_names,
    families_of,
    say_json,
    servers_of,
    source_of,
    stop,
    transports_of,
    trust_of,
)
from voicedr.cli.sip_output import show_registered
from voicedr.runtime.references import SecretMissing, secret_of
from voicedr.runtime.sipkit.asked import WrongName, read_asked
from voicedr.runtime.sipkit.certificates import EXPIRES_SOON_DAYS
from voicedr.runtime.sipkit.lines import Trust
from voicedr.runtime.sipkit.questions import NoServers
from voicedr.runtime.sipkit.registration import EXPIRES_S, EXPIRES_S_MAX, Login, Registered, register_at
from voicedr.runtime.sipkit.rounds import Wanted, find


def register(
    names: Names,
    user: Annotated[str, typer.Option("--user", help="Who registers. Use a test user: calls to it ring here too.")],
    password: Annotated[
        str, typer.Option("--password", metavar="REFERENCE", help="env:NAME or file:/path; never the password itself.")
    ],
    username: Annotated[str, typer.Option("--username", help="In the credentials. Default: the user.")] = "",
    domain: Annotated[str, typer.Option("--domain", help="Registered with. Default: each edge's own name.")] = "",
    expires_s: Annotated[
        int, typer.Option("--expires", min=1, max=EXPIRES_S_MAX, help="Seconds that are asked for.")
    ] = EXPIRES_S,
    dns: Dns = None,
    transport: Transports = None,
    family: Families = None,
    source: Source = None,
    ca: CaFile = None,
    timeout_s: PerAddress = TIMEOUT_S,
    as_json: AsJson = False,
) -> None:
    """Register at every edge with digest (MD5 or SHA-256), read back what is registered, and take only that out again.

    Nothing is said over TLS to whom a certificate does not prove. Calls that come while it stands are answered 480.

    Exit codes: 0 every edge accepted it and took it out again; 1 one did not; 2 wrong use; 3 one could not be asked.
    """
    wanted = Wanted(checked_names(names), transports_of(transport), servers_of(dns), families_of(family))
    try:
        login = Login(user, secret_of(password), username)
        host = read_asked(domain).host if domain else ""
    except (SecretMissing, WrongName) as exc:
        stop(f"{str(exc).rstrip('.')}. Nothing was registered.")
    if not user.isascii() or not user.isprintable() or any(char in user for char in ' <>@:;"/\\'):
        stop(f"--user is {user!r}: write only what stands before the @. Nothing was registered.")
    trust = trust_of(ca, EXPIRES_SOON_DAYS)
    try:
        found = asyncio.run(_register(wanted, login, host, expires_s, timeout_s, source_of(source), trust))
    except NoServers as exc:
        stop(f"{exc}. Nothing was registered.", UNKNOWN)
    if as_json:
        say_json({"edges": msgspec.to_builtins(found)})
    else:
        show_registered(found)
    if any(one.looked and not (one.accepted and one.removed) for one in found):
        raise typer.Exit(FINDING)
    raise typer.Exit(0 if all(one.looked for one in found) else UNKNOWN)


async def _register(
    wanted: Wanted, login: Login, domain: str, expires_s: int, timeout_s: float, source: str | None, trust: Trust
) -> tuple[Registered, ...]:
    edges = await find(wanted)
    return await register_at(
        edges, login, domain=domain, expires_s=expires_s, per_address_s=timeout_s, source=source, trust=trust
    )
