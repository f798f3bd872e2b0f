"""Options that the commands of ``voicedr sip`` share, and how they end.

The SIP kit is also installed alone: nothing in ``sip*.py`` imports the rest of the program.
"""

from __future__ import annotations

import json
import re
import ssl
from collections.abc import Sequence
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from voicedr.runtime.sipkit.asked import Transport, WrongName, read_asked
from voicedr.runtime.sipkit.lines import Trust
from voicedr.runtime.sipkit.questions import NoServers, read_server
from voicedr.runtime.sipkit.records import Kind
from voicedr.runtime.sipkit.standing import PER_ADDRESS_S

FINDING, WRONG_USE, UNKNOWN, REFUSED, INTERRUPTED = 1, 2, 3, 4, 130

NAMES_MAX = 1_000
LOG_COLUMNS = 120
SECONDS_MAX = 366 * 86_400.0

out = Console(highlight=False)
if not out.is_terminal:
    out = Console(highlight=False, width=LOG_COLUMNS)
err = Console(stderr=True, highlight=False, soft_wrap=True)

_DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)(ms|s|m|h|d)?")
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0, None: 1.0}
_USER = re.compile(r"[A-Za-z0-9+][A-Za-z0-9+*#_.!~'()%&=$,-]{0,63}")


class TransportName(StrEnum):
    """A transport."""

    UDP = "udp"
    TCP = "tcp"
    TLS = "tls"


class Family(StrEnum):
    """Kinds of addresses."""

    FOUR = "4"
    SIX = "6"


Names = Annotated[
    list[str],
    typer.Argument(metavar="NAME", help="A name, an address, either with :PORT, or a SIP URI; several are taken."),
]
Dns = Annotated[
    list[str] | None,
    typer.Option("--dns", metavar="HOST:PORT", help="Ask this name server; repeat it. Default: this machine's."),
]
DnsTimeout = Annotated[
    float, typer.Option("--dns-timeout", min=0.1, max=60.0, help="Seconds for all questions about one name.")
]
Transports = Annotated[
    list[TransportName] | None,
    typer.Option("--transport", help="Only this one; repeat it. Default: what the URI, NAPTR and SRV say."),
]
Families = Annotated[Family | None, typer.Option("--family", help="Only IPv4 or IPv6 addresses. Default: both.")]
Source = Annotated[
    str | None, typer.Option("--from", metavar="ADDRESS", help="The address of this machine to come from.")
]
CaFile = Annotated[
    Path | None, typer.Option("--ca", metavar="FILE", help="Believe only these authorities. Default: this machine's.")
]
PerAddress = Annotated[
    float, typer.Option("--timeout", min=0.1, max=60.0, help="Seconds for each address: the provider says 4.")
]
Expiring = Annotated[
    float, typer.Option("--expiring", min=0.0, max=3650.0, help="Days before its end at which a certificate is told.")
]
AsJson = Annotated[bool, typer.Option("--json", help="JSON for machines: one object, or one per line.")]

TIMEOUT_S = PER_ADDRESS_S


def stop(message: str, code: int = WRONG_USE) -> NoReturn:
    """End with a message on standard error."""
    err.print(f"voicedr sip: {message}", markup=False)
    raise typer.Exit(code)


def checked_names(names: Sequence[str]) -> tuple[str, ...]:
    """The names, each once, if all of them are names."""
    if len(names) > NAMES_MAX:
        stop(f"{len(names)} names; {NAMES_MAX} are looked at in one go at most. Nothing was looked at.")
    for name in names:
        try:
            read_asked(name)
        except WrongName as exc:
            stop(f"{exc}. Nothing was looked at.")
    return tuple(dict.fromkeys(names))


def servers_of(dns: Sequence[str] | None) -> tuple[tuple[str, int], ...]:
    """The name servers that were given."""
    try:
        return tuple(read_server(one) for one in dns or ())
    except NoServers as exc:
        stop(f"--dns: {exc}. Nothing was looked at.")


def transports_of(chosen: Sequence[TransportName] | None) -> tuple[Transport, ...]:
    """The transports that were given."""
    return tuple(dict.fromkeys(one.value for one in chosen or ()))


def families_of(family: Family | None) -> tuple[Kind, ...]:
    """The kinds of addresses to ask for."""
    return ("A", "AAAA") if family is None else (("A",) if family is Family.FOUR else ("AAAA",))


def source_of(source: str | None) -> str | None:
    """An address of this machine, if one was given and it is an address."""
    if source is not None:
        try:
            ip_address(source)
        except ValueError:
            stop(f"--from is {source!r}, and must be an address of this machine. Nothing was looked at.")
    return source


def trust_of(ca_file: Path | None, expiring_days: float) -> Trust:
    """Whose certificates are believed."""
    try:
        return Trust(ca_file, expiring_days)
    except ssl.SSLError as exc:
        stop(f"--ca {ca_file}: no certificate can be read from it ({exc.reason or exc}). Nothing was looked at.")
    except OSError as exc:
        stop(f"--ca {ca_file}: {exc.strerror}. Nothing was looked at.")


def called_user(to: str | None) -> str | None:
    """Whom to call, if somebody is to be called."""
    if to is not None and not _USER.fullmatch(to):
        stop(f"--invite {to!r}: name whom to call, e.g. --invite +14155550100. Nobody was called.")
    return to


def seconds(text: str, option: str) -> float:
    """A time such as ``500ms``, ``5s``, ``10m`` or ``1h``; a bare number is seconds."""
    read = _DURATION.fullmatch(text.strip())
    found = float(read[1]) * _UNITS[read[2]] if read is not None else -1.0
    if not 0 < found <= SECONDS_MAX:
        stop(f"{option} is {text!r}: write a time such as 5s, 10m or 1h. Nothing was looked at.")
    return found


def say_json(value: object) -> None:
    """One line of JSON on standard output."""
    typer.echo(json.dumps(value, default=str, ensure_ascii=False))
