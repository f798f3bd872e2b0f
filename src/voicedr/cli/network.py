"""The network around calls: ``allow-list``, ``firewall check``, ``sbc-config`` and ``sbc check``."""

from __future__ import annotations

from enum import StrEnum
from ipaddress import IPv4Address
from pathlib import Path
from typing import Annotated

import typer

from voicedr.cli.failures import DONE, FINDING, UNKNOWN, WRONG_USE, Stop
from voicedr.cli.network_output import covered_json, print_coverage, print_sbc, sbc_json
from voicedr.cli.options import AsJson, err, say_json
from voicedr.program.network.allow_list import allow_list as made
from voicedr.program.network.coverage import Standing, coverage
from voicedr.program.network.firewall import CHARACTERS_MAX, BrokenExport, read_firewall
from voicedr.program.network.published import PublishedRanges, UnknownEdge, published_ranges
from voicedr.program.network.ranges_file import BrokenRanges, read_ranges
from voicedr.program.network.sbc import BrokenSbcConfig, read_sbc, together
from voicedr.program.network.sbc_config import sbc_config as configured
from voicedr.program.network.sbc_configs.config_file import ConfigFile
from voicedr.program.network.topology import EDGES_MIN, BrokenTopology, topology
from voicedr.program.network.walk import Arrival

BYTES_MAX = 4 * CHARACTERS_MAX
"""UTF-8 has at most four bytes a character."""

network = typer.Typer()
firewall_app = typer.Typer(help="Whether your firewall lets the provider's calls in.", no_args_is_help=True)
sbc_app = typer.Typer(help="Where your SBC sends calls to.", no_args_is_help=True)
network.add_typer(firewall_app, name="firewall")
network.add_typer(sbc_app, name="sbc")


class Form(StrEnum):
    """Kinds of allow-lists."""

    NFTABLES = "nftables"
    IPTABLES = "iptables"
    TERRAFORM = "terraform"
    AWS = "aws"
    GCP = "gcp"
    JSON = "json"


class ExportForm(StrEnum):
    """Kinds of exports."""

    AUTO = "auto"
    NFT_JSON = "nft-json"
    NFT = "nft"
    IPTABLES_SAVE = "iptables-save"
    AWS = "aws"
    GCP = "gcp"
    PLAIN = "plain"


class Program(StrEnum):
    """Programs that a configuration can be written for."""

    KAMAILIO = "kamailio"
    ASTERISK = "asterisk"
    FREESWITCH = "freeswitch"
    OPENSIPS = "opensips"


class Transport(StrEnum):
    """How SIP is carried."""

    UDP = "udp"
    TCP = "tcp"
    TLS = "tls"


Edges = Annotated[
    list[str] | None,
    typer.Option("--edge", help="Only this edge; repeat it. Default: every edge, because calls may come from any."),
]
Interconnect = Annotated[bool, typer.Option("--interconnect", help="The private interconnections as well.")]
Ranges = Annotated[
    Path | None,
    typer.Option("--ranges", help="A newer list of ranges, as `voicedr allow-list --format json` writes it."),
]


@network.command("allow-list")
def allow_list(
    form: Annotated[Form, typer.Option("--format", help="For which firewall.")],
    edge: Edges = None,
    interconnect: Interconnect = False,
    ranges: Ranges = None,
) -> None:
    """Write what a firewall must let in: the provider's signalling and media, as the provider publishes them.

    The same ranges give the same text. It says where they were read and when; json is for --ranges.
    """
    published = _published(ranges)
    try:
        text = made(published, form, edge or None, interconnect=interconnect)
    except UnknownEdge as exc:
        raise Stop(f"--edge: {exc}", WRONG_USE) from exc
    if edge:
        err.print("Not every edge is in it. The provider may send calls from any.", markup=False)
    typer.echo(text, nl=False)


@firewall_app.command("check")
def firewall_check(
    export: Annotated[Path, typer.Argument(metavar="EXPORT", help="An export of the firewall.")],
    form: Annotated[ExportForm, typer.Option("--format", help="What wrote it.")] = ExportForm.AUTO,
    edge: Edges = None,
    interconnect: Interconnect = False,
    ranges: Ranges = None,
    only: Annotated[
        list[str] | None,
        typer.Option(
            "--only", help="What the SBC has: a security group (AWS), a network or a target tag (GCP). Repeat it."
        ),
    ] = None,
    interface: Annotated[str | None, typer.Option("--interface", help="Where calls come in, such as eth0.")] = None,
    address: Annotated[str | None, typer.Option("--address", help="Your address that calls are sent to.")] = None,
    behind: Annotated[bool, typer.Option("--behind", help="The SBC is behind this firewall, not on it.")] = False,
    transport: Annotated[
        list[Transport] | None,
        typer.Option("--transport", help="Signalling of this kind only; repeat it. Default: all."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Compare an export of your firewall with what the provider publishes.

    Exit codes: 0 everything is let in; 1 something is not; 2 the export cannot be read; 3 there are rules that were not
    understood, so nobody can say.
    """
    published = _published(ranges)
    if address is not None:
        try:
            IPv4Address(address)
        except ValueError as exc:
            raise Stop(f"--address {address}: is no IPv4 address.", WRONG_USE) from exc
    text = _text(export)
    try:
        firewall = read_firewall(
            text, str(export), format=form, only=tuple(only or ()), hook="forward" if behind else "input"
        )
        arrival = Arrival(interface, address)
        every = coverage(firewall, published, edge or None, interconnect=interconnect, arrival=arrival)
    except BrokenExport as exc:
        raise Stop(str(exc), WRONG_USE) from exc
    except UnknownEdge as exc:
        raise Stop(f"--edge: {exc}", WRONG_USE) from exc
    covered = [one for one in every if not transport or one.range.transport in (*transport, "")]
    if as_json:
        say_json(covered_json(firewall, published, covered))
    else:
        print_coverage(firewall, published, covered)
    standings = {one.standing for one in covered}
    code = FINDING if Standing.MISSING in standings else UNKNOWN if Standing.UNKNOWN in standings else DONE
    raise typer.Exit(code)


@network.command("sbc-config")
def sbc_config(
    program: Annotated[Program, typer.Option("--for", help="Which program.")],
    trunk: Annotated[str, typer.Option("--trunk", help="The trunk's domain without an edge: acme.pstn.twilio.com")],
    edge: Annotated[list[str], typer.Option("--edge", help="In the order in which they are tried; at least two.")],
    transport: Annotated[Transport, typer.Option("--transport")] = Transport.UDP,
    listen: Annotated[str, typer.Option("--listen", help="The SBC's own address.")] = "203.0.113.10",
    inside: Annotated[str, typer.Option("--inside", help="The address of your PBX.")] = "10.0.0.20:5060",
    user: Annotated[str, typer.Option("--user", help="The user name of the trunk's credential list.")] = "",
    password: Annotated[str, typer.Option("--password", help="A reference to its password: env:NAME.")] = "",
    ranges: Ranges = None,
    to: Annotated[Path | None, typer.Option("--to", help="Write files into this new folder; else print them.")] = None,
) -> None:
    """Write a configuration for your SBC: every address of an edge, 4 s each, then the next edge; calls in from all.

    Kamailio's is loaded into Kamailio by the tests. The others were not loaded into their programs, and say so.
    """
    published = _published(ranges)
    try:
        plan = topology(
            trunk, tuple(edge), transport=transport, listen=listen, inside=inside, user=user, password=password,
            ranges=published,
        )  # fmt: skip
    except UnknownEdge as exc:
        raise Stop(f"--edge: {exc}", WRONG_USE) from exc
    except BrokenTopology as exc:
        raise Stop(str(exc), WRONG_USE) from exc
    files = configured(plan, program)
    if to is None:
        for one in files:
            typer.echo(f"==> {one.name} <==\n{one.text}")
        return
    _write(files, to)
    typer.echo(f"{to} has {', '.join(one.name for one in files)}.")


@sbc_app.command("check")
def sbc_check(
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="Configuration files of one SBC.")],
    ranges: Ranges = None,
    as_json: AsJson = False,
) -> None:
    """Look where a configuration sends calls to: names with at least two edges, and no address of the provider's.

    Kamailio and OpenSIPS (scripts, dispatcher lists), Asterisk (pjsip.conf), FreeSWITCH (gateways, dialplans).
    Exit codes: 0 as it should be; 1 an address is pinned, or there are too few edges; 2 a file cannot be read; 3 a part
    could not be followed, so nobody can say.
    """
    published = _published(ranges)
    try:
        read = together([read_sbc(_text(one), str(one), published) for one in files])
    except BrokenSbcConfig as exc:
        raise Stop(str(exc), WRONG_USE) from exc
    edges = tuple(dict.fromkeys(edge for one in read for edge in one.edges))
    pinned = [address for one in read for address in one.pinned]
    unclear = [place for one in read for place in one.unclear]
    if as_json:
        say_json(sbc_json(read, edges))
    else:
        print_sbc(read, edges)
    if pinned or (len(edges) < EDGES_MIN and not unclear):
        raise typer.Exit(FINDING)
    raise typer.Exit(UNKNOWN if unclear else DONE)


def _published(ranges: Path | None) -> PublishedRanges:
    if ranges is None:
        return published_ranges()
    try:
        return read_ranges(_text(ranges), str(ranges))
    except BrokenRanges as exc:
        raise Stop(str(exc), WRONG_USE) from exc


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            body = file.read(BYTES_MAX + 1)
    except OSError as exc:
        raise Stop(f"{path} cannot be read: {exc.strerror}. Name another file.", WRONG_USE) from exc
    if len(body) > BYTES_MAX:
        raise Stop(f"{path}: has more than {BYTES_MAX} bytes, which no such file has. Nothing was judged.", WRONG_USE)
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as exc:
        raise Stop(
            f"{path}: is not text (byte {exc.start} is not UTF-8). Nothing was judged. Export it as text.", WRONG_USE
        ) from exc


def _write(files: tuple[ConfigFile, ...], to: Path) -> None:
    try:
        to.mkdir(parents=True)
        for one in files:
            path = to / one.name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(one.text, encoding="utf-8")
    except FileExistsError as exc:
        raise Stop(f"{to} is there already; nothing was written. Name a new folder.", WRONG_USE) from exc
    except OSError as exc:
        raise Stop(f"{to} cannot be written: {exc.strerror}. Name another folder.", WRONG_USE) from exc
