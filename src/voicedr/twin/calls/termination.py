"""A call that a customer's equipment sends to a trunk for the public network (https://www.twilio.com/docs/sip-trunking).

INVITE ──> which trunk ──> Region of its route, now
  a Region that is down .......................... silence
  a domain of no trunk there ..................... 404
  neither list on the trunk ...................... 403, 32200
  Secure Trunking and no TLS ..................... 403, 32209
  an address that is not in its IP lists ......... 403, 32201
  no credentials, if it has credential lists ..... 407; wrong ones: 403, 32202
  a number without + ............................. 400
  a caller ID that is not the account's .......... 403, 32204
  beyond the pace of the trunk ................... 503, 32001
  otherwise ...................................... rung, answered, and in the log as trunking-terminating

Assumption: the responses other than 400 and 407 are not documented.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import inf
from typing import Protocol

from voicedr.twin import faults
from voicedr.twin.calls.caller import Caller
from voicedr.twin.calls.commands import Ended, HungUp, RegionLost, Script, Tie, Wait, Watch
from voicedr.twin.calls.handler import Handler
from voicedr.twin.calls.line import Line, Verb
from voicedr.twin.calls.office import Office
from voicedr.twin.calls.person import Person
from voicedr.twin.calls.ringing import CALL_MAX_S, Called, drop, finish, ring
from voicedr.twin.world.model import Call, RegionStore, Trunk
from voicedr.twin.world.routes import effective_region
from voicedr.wire.sip.digest import Credentials

RING_S = 120.0
"""How long it rings. Assumption."""

_E164 = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)
_DOMAIN = re.compile(r"([a-z0-9-]+)\.pstn(?:\.[a-z0-9-]+)?\.twilio\.com\.?")
_REFUSALS = {"busy": 486, "no-answer": 480, "canceled": 487}


@dataclass(frozen=True, slots=True)
class Arrival:
    """An INVITE from outside.

    Attributes:
        host, user: Of the Request-URI.
        callers: The users of From, Remote-Party-ID and P-Asserted-Identity, in this order.
        source: The address that it came from.
        shown: Credentials with a nonce that we gave and that is still good.
    """

    host: str
    user: str
    callers: tuple[str, ...]
    source: str
    transport: str
    method: str
    shown: Credentials | None


@dataclass(frozen=True, slots=True)
class Silence:
    """Nobody answers."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The final response. ``realm`` is what credentials are asked for, with 407."""

    code: int
    realm: str = ""


@dataclass(frozen=True, slots=True)
class Admitted:
    """It is rung."""

    region: str
    trunk: Trunk
    to: str
    from_: str


class SipCaller(Protocol):
    """The customer's side of the call."""

    def ringing(self) -> None:
        """Tell it that the other end rings."""
        ...

    def answer(self) -> None:
        """Tell it that the other end has answered."""
        ...

    def refuse(self, code: int) -> None:
        """Tell it that it has failed. Nothing happens once it was answered."""
        ...

    def hang_up(self) -> None:
        """End it, answered or not. Saying it twice is saying it once."""
        ...


class Desk(Protocol):
    """Whoever decides about such calls, and connects them."""

    def admit(self, arrival: Arrival) -> Silence | Refused | Admitted:
        """Decide what becomes of an INVITE."""
        ...

    def connect(self, admitted: Admitted, caller: SipCaller) -> Callable[[], None]:
        """Ring whom it is for. What is given back is called when the customer's side has ended it."""
        ...


def admit(office: Office, arrival: Arrival) -> Silence | Refused | Admitted:
    """Decide what becomes of an INVITE."""
    named = _DOMAIN.fullmatch(arrival.host.lower())
    if named is None:
        return Refused(404)
    domain = f"{named[1]}.pstn.twilio.com"
    region = effective_region(office.world, "Trunks", domain, office.now)
    if faults.region_down(office.world, region, office.now) is not None:
        return Silence()
    store = office.store(region)
    trunk = next((one for one in store.trunks.values() if one.domain_name.lower() == domain), None)
    if trunk is None:
        return Refused(404)

    def refused(code: int, error: int, text: str) -> Refused:
        office.alert(region, error, f"trunk {domain}: {text}", resource_sid=trunk.sid, method="INVITE")
        return Refused(code)

    if not (trunk.ip_access_control_lists or trunk.credential_lists):
        return refused(403, 32200, "it has neither an IP access control list nor a credential list; map one to it")
    if trunk.secure and arrival.transport != "tls":
        return refused(403, 32209, f"Secure Trunking is on and the call came by {arrival.transport.upper()}")
    if trunk.ip_access_control_lists and not _listed(store, trunk, arrival.source):
        return refused(403, 32201, f"{arrival.source} is in none of its IP access control lists")
    if trunk.credential_lists:
        if arrival.shown is None:
            return Refused(407, domain)
        if not _known(store, trunk, arrival.shown, arrival.method):
            return refused(403, 32202, "user name or password is wrong")
    if not _E164.fullmatch(arrival.user):
        return Refused(400)
    from_ = next((one for one in arrival.callers if _is_ours(office, one)), "")
    if not from_:
        shown = ", ".join(arrival.callers) or "none"
        return refused(403, 32204, f"the caller ID ({shown}) is neither a number of the account nor a verified one")
    if not _in_pace(office, trunk):
        return refused(503, 32001, "more calls per second than it may place")
    return Admitted(region, trunk, arrival.user, from_)


def terminating(
    office: Office,
    admitted: Admitted,
    caller: SipCaller,
    person: Person,
    verbs: Mapping[str, Verb],
    connected: Callable[[Line], None],
) -> Script[None]:
    """The whole call. When it returns, the log entry is final and the customer's side was told."""
    call = Call(
        sid=office.world.mint("CA"),
        from_=admitted.from_,
        to=admitted.to,
        direction="trunking-terminating",
        status="ringing",
        created_at=office.now,
        trunk_sid=admitted.trunk.sid,
    )
    office.store(admitted.region).calls[call.sid] = call
    line = Line(office, admitted.region, call, Handler(""), person, verbs)
    connected(line)
    called = Called(line)
    try:
        caller.ringing()
        winner = yield from ring([called], RING_S, synthetic=False)
        if winner is None:
            caller.refuse(called.sip_code if called.sip_code >= 300 else _REFUSALS.get(called.status, 503))
            return
        caller.answer()
        if called.far_end is not None:
            yield Tie(called.far_end)
            yield Watch(called.far_end, CALL_MAX_S, until_over=True)
        else:
            yield Wait(min(called.talks_s, CALL_MAX_S))
        yield from finish(called, "completed")
    except (HungUp, Ended) as end:
        if call.ended_at is None:
            status = end.status if isinstance(end, Ended) else "completed" if line.answered else "canceled"
            yield from finish(called, status)
    except RegionLost:
        drop([called])
    finally:
        caller.hang_up()


def person_at_the_end() -> Person:
    """Whoever the customer connects: they stay until their equipment hangs up."""
    return Person(Caller(hangs_up_after_s=inf))


def _listed(store: RegionStore, trunk: Trunk, source: str) -> bool:
    came_from = ipaddress.ip_address(source)
    for sid in trunk.ip_access_control_lists:
        found = store.ip_access_control_lists.get(sid)
        for one in found.addresses.values() if found is not None else ():
            if came_from in ipaddress.ip_network(f"{one.ip_address}/{one.cidr_prefix_length}", strict=False):
                return True
    return False


def _known(store: RegionStore, trunk: Trunk, shown: Credentials, method: str) -> bool:
    for sid in trunk.credential_lists:
        found = store.credential_lists.get(sid)
        for one in found.credentials.values() if found is not None else ():
            if one.username == shown.username and shown.proves(method, one.password):
                return True
    return False


def _is_ours(office: Office, number: str) -> bool:
    world = office.world
    verified = {one.phone_number for one in world.regions["us1"].caller_ids.values()}
    return number in world.numbers or number in verified


def _in_pace(office: Office, trunk: Trunk) -> bool:
    """One call per second and trunk is what a new account has.

    Source: https://www.twilio.com/docs/sip-trunking/cps-trunk-termination. Assumption: evenly spaced.
    """
    key = f"termination:{trunk.sid}"
    free_at = office.turns.get(key, 0.0)
    if free_at > office.now:
        return False
    office.turns[key] = office.now + 1.0 / max(office.world.settings.termination_calls_per_second, 1e-3)
    return True
