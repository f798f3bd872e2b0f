"""What somebody wants to reach: a name, an address, or a SIP URI, read with a message for what is wrong with it."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Literal, TypeAlias, cast

import msgspec

from voicedr.wire.sip.messages import URI

Transport: TypeAlias = Literal["udp", "tcp", "tls"]

TRANSPORTS: tuple[Transport, ...] = ("udp", "tcp", "tls")
"""The order in which they are tried where DNS does not say: UDP is what a URI without a transport means
(RFC 3263 section 4.1)."""

NAME_CHARACTERS_MAX = 253
"""RFC 1035 section 2.3.4, written without the dot at the end."""

_URI = re.compile(r"(?P<scheme>sips?):(?:[^@\s]*@)?(?P<place>[^;?@\s]+)(?P<parameters>(?:;[^;?\s]+)*)(?:\?\S*)?", re.I)
_PLACE = re.compile(r"(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<host>[^\[\]:\s]+))(?::(?P<port>\d{1,9}))?")
_LABEL = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)")


class WrongName(ValueError):
    """This names nothing that SIP could be sent to. Says what is wrong with it, and what to write."""


class Asked(msgspec.Struct, frozen=True):
    """A SIP URI as far as finding its servers needs it (RFC 3263 section 4).

    Attributes:
        host: A name without a dot at the end, in small letters, or an address without brackets.
        port: None if none was given, which leaves it to SRV.
        transport: None if none was given, which leaves it to NAPTR and SRV.
        secure: Whether it was a ``sips`` URI: only TLS will do.
    """

    host: str
    port: int | None = None
    transport: Transport | None = None
    secure: bool = False

    @property
    def address(self) -> str | None:
        """The host, if it is an address."""
        return self.host if is_address(self.host) else None


def read_asked(text: str) -> Asked:
    """Read ``name``, ``name:port``, an address, or a SIP URI with ``;transport=``.

    Raises:
        WrongName: If it is none of these.
    """
    text = text.strip()
    uri = _URI.fullmatch(text)
    if uri is None and re.match(r"(?i)sips?:", text):
        raise WrongName(f"{text[:80]!r} is no SIP URI: write sip:NAME, sip:NAME:PORT or sip:NAME;transport=tls")
    place = _PLACE.fullmatch(uri["place"] if uri is not None else text)
    if place is None:
        raise WrongName(
            f"{text[:80]!r} is no name: write e.g. acme.pstn.ashburn.twilio.com, 192.0.2.1:5060, [2001:db8::1] or"
            " sip:NAME;transport=tls"
        )
    host = (place["six"] or place["host"]).lower().rstrip(".")
    port = None if place["port"] is None else int(place["port"])
    if port is not None and not 1 <= port <= 65_535:
        raise WrongName(f"{text[:80]!r}: {port} is no port; a port is 1 to 65535")
    if place["six"] is not None and not is_address(host):
        raise WrongName(f"{text[:80]!r}: {host} is no IPv6 address")
    if not is_address(host):
        _check_name(host, text)
    secure = uri is not None and uri["scheme"].lower() == "sips"
    return Asked(host, port, _transport(uri["parameters"] if uri is not None else "", secure, text), secure)


def is_address(host: str) -> bool:
    """Whether a host is an IPv4 or IPv6 address."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def spoken_place(address: str, port: int) -> str:
    """An address and a port as one word, with brackets where they are needed."""
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def _check_name(host: str, text: str) -> None:
    if len(host) > NAME_CHARACTERS_MAX:
        raise WrongName(f"a name of {len(host)} characters; DNS has names of {NAME_CHARACTERS_MAX} at most")
    wrong = next((label for label in host.split(".") if not _LABEL.fullmatch(label)), None)
    if wrong is not None:
        raise WrongName(
            f"{text[:80]!r}: {wrong[:70]!r} cannot be part of a name. Letters, digits and dashes, 63 at most, between"
            " dots"
        )
    if host.rpartition(".")[2].isdigit():
        raise WrongName(f"{text[:80]!r} looks like an address and is none")
    try:
        URI.parse(f"sip:{host}")
    except ValueError as exc:
        raise WrongName(f"{text[:80]!r} cannot stand in a SIP URI (RFC 3261 section 25.1)") from exc


def _transport(parameters: str, secure: bool, text: str) -> Transport | None:
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.lower() != "transport":
            continue
        if value.lower() not in TRANSPORTS:
            raise WrongName(f"{text[:80]!r}: the transport is {value!r}; {', '.join(TRANSPORTS)} can be spoken")
        said = cast(Transport, value.lower())
        # RFC 3261 section 26.2.2: transport=tcp in a sips URI is TLS over TCP.
        if secure and said == "udp":
            raise WrongName(f"{text[:80]!r}: a sips URI cannot be reached over UDP (RFC 3261 section 26.2.2)")
        return "tls" if secure else said
    return None
