"""``voicedr sip``: find, probe, register, steer and watch, as an SBC sees it.

0  all is well                                  2  wrong use
1  something is dead, refused or expires soon   3  could not look: it is not known
4  refused by a rule, nothing was done          130  interrupted
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Coroutine
from typing import Annotated, Any, TypeVar, cast

import typer

from voicedr.cli.sip_dispatcher import dispatcher_app
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
    called_user,
    checked_names,
    families_of,
    out,
    say_json,
    servers_of,
    source_of,
    stop,
    transports_of,
    trust_of,
)
from voicedr.cli.sip_output import resolved_values, round_values, show_resolved, show_round
from voicedr.cli.sip_register import register
from voicedr.cli.sip_watch import watch
from voicedr.runtime.sipkit.certificates import EXPIRES_SOON_DAYS
from voicedr.runtime.sipkit.probe import AT_ONCE_MAX
from voicedr.runtime.sipkit.questions import DNS_S, NoServers
from voicedr.runtime.sipkit.rounds import Wanted, find, look, outcome_of

T = TypeVar("T")

sip_app = typer.Typer(
    help="What an SBC needs to know: where names lead, who answers there, and how to steer calls.",
    no_args_is_help=True,
)
sip_app.add_typer(dispatcher_app, name="dispatcher")
sip_app.command("register")(register)
sip_app.command("watch")(watch)


@sip_app.command("resolve")
def resolve_(
    names: Names,
    dns: Dns = None,
    dns_timeout_s: DnsTimeout = DNS_S,
    transport: Transports = None,
    family: Families = None,
    as_json: AsJson = False,
) -> None:
    """Where names lead, found as an SBC finds it: NAPTR, SRV, A and AAAA (RFC 3263), in the order of trying.

    Exit codes: 0 every name leads somewhere; 2 wrong use; 3 a name leads nowhere, or a question was not answered.
    """
    wanted = Wanted(checked_names(names), transports_of(transport), servers_of(dns), families_of(family), dns_timeout_s)
    resolved = _waited(find(wanted))
    if as_json:
        say_json(resolved_values(resolved))
    else:
        show_resolved(resolved)
    raise typer.Exit(int(outcome_of(resolved)))


@sip_app.command("probe")
def probe_(
    names: Names,
    invite: Annotated[
        str | None,
        typer.Option(
            "--invite",
            metavar="TO",
            help="Also call this user at each address and take the call back at once. IT MAY RING, and may be billed:"
            " without this nobody is called.",
        ),
    ] = None,
    dns: Dns = None,
    dns_timeout_s: DnsTimeout = DNS_S,
    transport: Transports = None,
    family: Families = None,
    source: Source = None,
    ca: CaFile = None,
    timeout_s: PerAddress = TIMEOUT_S,
    expiring_days: Expiring = EXPIRES_SOON_DAYS,
    at_once: Annotated[
        int, typer.Option("--at-once", min=1, max=900, help="Addresses looked at together.")
    ] = AT_ONCE_MAX,
    as_json: AsJson = False,
) -> None:
    """Send OPTIONS to every address that names lead to, over UDP, TCP or TLS, 4 s each, all together.

    Any SIP answer is a sign of life; 503 is told apart. Of a certificate it is told if it has expired or soon will, is
    another name's, or is signed by nobody who is trusted. The server name is the name that was asked for.

    Exit codes: 0 calls can be sent to all; 1 some are dead, answer 503, or have a certificate that is bad or ends soon;
    2 wrong use; 3 could not look.
    """
    wanted = Wanted(
        checked_names(names), transports_of(transport), servers_of(dns), families_of(family), dns_timeout_s, timeout_s,
        at_once=at_once, invite_to=called_user(invite), source=source_of(source),
    )  # fmt: skip
    trust = trust_of(ca, expiring_days)
    if out.is_terminal and not as_json:
        with out.status(f"looking: at most {timeout_s:g} s for each address, all together"):
            found = _waited(look(wanted, trust))
    else:
        found = _waited(look(wanted, trust))
    if as_json:
        say_json(round_values(found))
    else:
        show_round(found)
    raise typer.Exit(int(found.outcome))


def _waited(work: Coroutine[Any, Any, T]) -> T:
    try:
        return asyncio.run(work)
    except NoServers as exc:
        stop(f"{exc}. Nothing was looked at.", UNKNOWN)


Misused = cast(type[typer.BadParameter], typer.BadParameter.__bases__[0])
"""What typer raises for wrong use; only its child is public."""


def main() -> None:
    """Run the kit alone, without the rest of voicedr."""
    try:
        code = sip_app(standalone_mode=False)
    except (KeyboardInterrupt, typer.Abort):
        sys.exit(INTERRUPTED)
    except Misused as exc:
        exc.show()
        sys.exit(exc.exit_code)
    sys.exit(code or 0)


if __name__ == "__main__":
    main()
