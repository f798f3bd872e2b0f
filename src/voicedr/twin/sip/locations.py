"""Where the devices of each address of record are (https://www.twilio.com/docs/voice/api/sip-registration).

A binding lasts 600 to 3,600 s: a shorter one is refused, a longer one cut. An address has ten at most, and is heard
five times a second at most. All edges share them; each remembers the edge and the way that it came by, so a device
behind a connection is reached on that connection.

Times are seconds of one rising clock, and come in. Assumption: the responses 403 (too many) and 503 (too often) are not
documented, nor is what a device registers for that does not say.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from voicedr.twin.calls.commands import Device
from voicedr.twin.sip.table import Flow
from voicedr.wire.sip.messages import URI

EXPIRES_MIN_S, EXPIRES_MAX_S = 600, 3600
BINDINGS_MAX = 10
REGISTERS_PER_S = 5

ALL_BINDINGS_MAX = 20_000
"""Of all addresses together. At 1 kB each this is 20 MB."""

HEARD_MAX = 20_000
"""Addresses whose pace is remembered; the one that was heard first is forgotten first."""


@dataclass(frozen=True, slots=True)
class Binding:
    """A device at an address of record.

    Attributes:
        uri: Its Contact.
        flow: The way that its REGISTER came by.
        path: The proxies on it, as Path said (RFC 3327).
    """

    id: str
    address: str
    uri: URI
    call_id: str
    sequence: int
    expires_at: float
    flow: Flow
    edge: str
    path: tuple[str, ...] = ()
    user_agent: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a REGISTER wants, with its Contacts one by one. No Contact only asks what there is.

    Attributes:
        contacts: With the seconds that each wants; None where it does not say.
        everything: Its Contact is ``*``: every binding shall go.
        expires_s: What its Expires says; None if it has none.
    """

    address: str
    call_id: str
    sequence: int
    flow: Flow
    edge: str
    contacts: tuple[tuple[URI, int | None], ...] = ()
    everything: bool = False
    expires_s: int | None = None
    path: tuple[str, ...] = ()
    user_agent: str = ""


@dataclass(frozen=True, slots=True)
class Declined:
    """Nothing was changed. ``error`` is what is logged; 0 is nothing."""

    code: int
    error: int = 0
    text: str = ""


class Locations:
    """All bindings."""

    def __init__(self) -> None:
        self._by_address: dict[str, dict[tuple[str, ...], Binding]] = {}
        self._heard: dict[str, list[float]] = {}
        self._made = 0
        self._count = 0

    def too_often(self, address: str, now: float) -> bool:
        """Note that an address was heard; whether that was too often."""
        recent = [at for at in self._heard.pop(address, []) if at > now - 1.0]
        if len(self._heard) >= HEARD_MAX:
            del self._heard[next(iter(self._heard))]
        self._heard[address] = recent if len(recent) >= REGISTERS_PER_S else [*recent, now]
        return len(recent) >= REGISTERS_PER_S

    def at(self, address: str, now: float) -> list[Binding]:
        """The bindings of an address, the oldest first."""
        known = self._by_address.get(address, {})
        for key in [key for key, binding in known.items() if binding.expires_at <= now]:
            del known[key]
            self._count -= 1
        if not known:
            self._by_address.pop(address, None)
        return list(known.values())

    def all(self, now: float) -> list[Binding]:
        """Every binding."""
        return [binding for address in list(self._by_address) for binding in self.at(address, now)]

    def of(self, devices: Iterable[Device], now: float) -> list[Binding]:
        """The bindings of those of these devices that are still there."""
        return [one for device in devices for one in self.at(device.address, now) if one.id == device.id]

    def register(self, asked: Asked, now: float) -> list[Binding] | Declined:
        """Do what a REGISTER wants, wholly or not at all (RFC 3261 section 10.3). Gives the bindings there are then."""
        known = {_key(binding.uri): binding for binding in self.at(asked.address, now)}
        if asked.everything:
            if asked.expires_s != 0 or asked.contacts:
                return Declined(400)
            asked = replace(asked, contacts=tuple((binding.uri, 0) for binding in known.values()), everything=False)
        for uri, wanted_s in asked.contacts:
            expires_s = _expires_s(wanted_s, asked.expires_s)
            if 0 < expires_s < EXPIRES_MIN_S:
                return Declined(423)
            key = _key(uri)
            before = known.get(key)
            if before is not None and before.call_id == asked.call_id and before.sequence >= asked.sequence:
                return Declined(500)  # Out of order (RFC 3261 section 10.3, step 7).
            if expires_s == 0:
                known.pop(key, None)
                continue
            if before is None:
                self._made += 1
            known[key] = Binding(
                before.id if before is not None else f"RG{self._made}",
                asked.address,
                uri,
                asked.call_id,
                asked.sequence,
                now + min(expires_s, EXPIRES_MAX_S),
                asked.flow,
                asked.edge,
                asked.path,
                asked.user_agent,
            )
        if len(known) > BINDINGS_MAX:
            return Declined(403, 32007, f"more than {BINDINGS_MAX} devices; the new one was refused")
        more = len(known) - len(self._by_address.get(asked.address, {}))
        # Those that have run out are looked for only when it matters.
        if more > 0 and self._count + more > ALL_BINDINGS_MAX and len(self.all(now)) + more > ALL_BINDINGS_MAX:
            return Declined(503)
        self._count += more
        self._by_address[asked.address] = known
        return self.at(asked.address, now)


def _expires_s(of_contact: int | None, of_request: int | None) -> int:
    """The Contact's own word first, then Expires (RFC 3261 section 10.2.1.1), then the longest that there is."""
    return of_contact if of_contact is not None else of_request if of_request is not None else EXPIRES_MAX_S


def _key(uri: URI) -> tuple[str, ...]:
    """What makes two Contacts the same device (RFC 3261 section 19.1.4, as far as devices use it)."""
    transport = next((value or "" for name, value in uri.parameters.items() if name.lower() == "transport"), "")
    return (uri.scheme.lower(), uri.user or "", uri.host.lower(), str(uri.port or ""), transport.lower())
