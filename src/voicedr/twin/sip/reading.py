"""What a request says, as values for whoever decides about it."""

from __future__ import annotations

from collections.abc import Callable

from voicedr.twin.calls.arrival import Arrival
from voicedr.twin.sip.challenges import Challenges
from voicedr.twin.sip.dialog import split_addresses
from voicedr.twin.sip.locations import Asked
from voicedr.twin.sip.table import Flow
from voicedr.wire.sip.messages import URI, Address, MalformedSip, Request, from_address, sequence_of

HEADERS_MAX = 50
"""Headers that are passed on to webhooks."""

_LARGEST = 2**32 - 1


def arrival_of(request: Request, flow: Flow, challenges: Challenges) -> Arrival:
    """An INVITE or a REGISTER as the desk looks at it."""
    registers = request.method == "REGISTER"
    callers = [from_address(request).uri.user or ""]
    for name in ("Remote-Party-ID", "P-Asserted-Identity"):
        for value in request.headers.getlist(name):
            try:
                callers.append(Address.parse(value).uri.user or "")
            except (ValueError, TypeError):
                continue
    shown, stale = challenges.read(request.headers.getlist("Authorization" if registers else "Proxy-Authorization"))
    asked = request.to_address.uri if registers else request.uri
    return Arrival(
        asked.host,
        asked.user or "",
        tuple(one for one in callers if one),
        flow.remote[0],
        flow.transport,
        request.method,
        shown,
        stale,
        _bare(asked),
        _bare(from_address(request).uri),
        request.call_id,
        _told(request),
        _whole(request.headers.get("Max-Forwards")),
    )


def asked_of(request: Request, address: str, flow: Flow, edge_of: Callable[[Flow], str]) -> Asked:
    """What a REGISTER wants.

    Raises:
        MalformedSip: If a Contact cannot be read.
    """
    contacts: list[tuple[URI, int | None]] = []
    everything = False
    for value in request.headers.getlist("Contact"):
        for one in _contacts(value):
            if one == "*":
                everything = True
                continue
            try:
                read = Address.parse(one)
            except (ValueError, TypeError) as exc:
                raise MalformedSip(f"{one[:60]!r} is no Contact") from exc
            if read.uri.scheme.lower() not in ("sip", "sips"):
                raise MalformedSip(f"{one[:60]!r} is no SIP address")
            contacts.append((read.uri, _whole(read.parameters.get("expires"))))
    return Asked(
        address,
        request.call_id,
        sequence_of(request),
        flow,
        edge_of(flow),
        tuple(contacts),
        everything,
        _whole(request.headers.get("Expires")),
        tuple(one for value in request.headers.getlist("Path") for one in split_addresses(value)),
        request.headers.get("User-Agent") or "",
    )


def _contacts(value: str) -> list[str]:
    """A header's Contacts one by one. A comma within angle brackets or quotes separates nothing."""
    found, begun, depth, quoted = [], 0, 0, False
    for at, character in enumerate(value):
        if character == '"' and value[at - 1 : at] != "\\":
            quoted = not quoted
        elif not quoted and character in "<>":
            depth += 1 if character == "<" else -1
        elif not quoted and depth == 0 and character == ",":
            found.append(value[begun:at].strip())
            begun = at + 1
    return [one for one in (*found, value[begun:].strip()) if one]


def _told(request: Request) -> tuple[tuple[str, str], ...]:
    """``X-...`` and User-to-User (https://www.twilio.com/docs/voice/api/sip-twiml)."""
    headers = request.headers
    names = [name for name in headers.keys() if _is_passed(name)]  # noqa: SIM118 it is no dict
    passed = [(name, value) for name in names for value in headers.getlist(name)]
    return tuple(passed[:HEADERS_MAX])


def _is_passed(name: str) -> bool:
    return name.lower().startswith("x-") or name.lower() == "user-to-user"


def _bare(uri: URI) -> str:
    """A URI as webhooks say it: no headers."""
    return str(URI(uri.scheme, uri.host, uri.user, None, uri.port, uri.parameters))


def _whole(text: str | None) -> int | None:
    """A whole number; None if there is none that can be read."""
    text = (text or "").strip()
    return min(int(text), _LARGEST) if text.isascii() and text.isdigit() and len(text) <= 20 else None
