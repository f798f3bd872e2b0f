"""The registrar: REGISTER in, and where the devices of an address are. It never passes a request on.

REGISTER ──> the desk: which domain, which credentials ──> its pace ──> the bindings ──> 200 with all there are now
"""

from __future__ import annotations

from collections.abc import Callable
from math import ceil

from voicedr.twin.calls.arrival import Arrival, Desk, Refused, Registrant, Silence
from voicedr.twin.calls.commands import Registration
from voicedr.twin.sip.challenges import Challenges
from voicedr.twin.sip.locations import EXPIRES_MIN_S, REGISTERS_PER_S, Binding, Declined, Locations
from voicedr.twin.sip.reading import arrival_of, asked_of
from voicedr.twin.sip.table import Flow
from voicedr.wire.sip.messages import Address, MalformedSip, Request
from voicedr.wire.sip.timers import NEAR_S

Header = tuple[str, str]


class Registrar:
    """Answers REGISTER, and knows the bindings."""

    def __init__(self, challenges: Challenges, now: Callable[[], float]) -> None:
        self._challenges = challenges
        self._now = now
        self.locations = Locations()

    def answer(
        self, request: Request, flow: Flow, desk: Desk, edge_of: Callable[[Flow], str]
    ) -> tuple[int, list[Header]] | None:
        """The response to a REGISTER: its code and its headers; None if nobody answers."""
        arrival = arrival_of(request, flow, self._challenges)
        allowed = desk.register(arrival)
        if isinstance(allowed, Silence):
            return None
        if isinstance(allowed, Refused):
            return allowed.code, self._asks(allowed, arrival)
        now = self._now()
        address = address_of(allowed.user, allowed.domain.domain_name)
        if self.locations.too_often(address, now):
            desk.warn(allowed, 32008, f"more than {REGISTERS_PER_S} REGISTER in a second; register less often")
            return 503, [("Retry-After", "1")]
        try:
            asked = asked_of(request, address, flow, edge_of)
        except MalformedSip:
            return 400, []
        done = self.locations.register(asked, now)
        if isinstance(done, Declined):
            return done.code, self._declines(desk, allowed, done)
        headers = [("Contact", _written(binding, now)) for binding in done]
        if asked.path and _supports(request, "path"):
            headers += [("Path", one) for one in asked.path]  # RFC 3327 section 5.3.
        return 200, headers

    def shown(self) -> list[Registration]:
        """Every registration."""
        now = self._now()
        return [
            Registration(
                f"sip:{one.address}",
                str(one.uri),
                one.edge,
                one.flow.transport,
                f"{one.flow.remote[0]}:{one.flow.remote[1]}",
                one.user_agent,
                _left_s(one, now),
            )
            for one in self.locations.all(now)
        ]

    def _asks(self, refused: Refused, arrival: Arrival) -> list[Header]:
        if not refused.realm:
            return []
        return [("WWW-Authenticate", one) for one in self._challenges.ask(refused.realm, stale=arrival.stale)]

    def _declines(self, desk: Desk, registrant: Registrant, declined: Declined) -> list[Header]:
        if declined.error:
            desk.warn(registrant, declined.error, declined.text)
        return [("Min-Expires", str(EXPIRES_MIN_S))] if declined.code == 423 else []


def address_of(user: str, domain_name: str) -> str:
    """An address of record as bindings are kept by: without scheme, edge and parameters."""
    return f"{user}@{domain_name}"


def _written(binding: Binding, now: float) -> str:
    return f"{Address(binding.uri)};expires={_left_s(binding, now)}"


def _left_s(binding: Binding, now: float) -> int:
    """Whole seconds, rounded up; sums of floats may be a little more than what was asked for."""
    return ceil(binding.expires_at - now - NEAR_S)


def _supports(request: Request, option: str) -> bool:
    return any(option in value.lower().replace(",", " ").split() for value in request.headers.getlist("Supported"))
