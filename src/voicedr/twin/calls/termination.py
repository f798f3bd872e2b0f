"""A call that a customer's equipment sends to a trunk for the public network (https://www.twilio.com/docs/sip-trunking).

INVITE ──> which trunk ──> Region of its route, now
  a Region that is down .......................... silence
  a domain of no trunk there ..................... 404
  Max-Forwards 0 ................................. 483, 32006
  neither list on the trunk ...................... 403, 32200
  Secure Trunking and no TLS ..................... 403, 32209
  an address that is not in its IP lists ......... 403, 32201
  no credentials, if it has credential lists ..... 407; wrong ones: 403, 32202
  a number without + ............................. 400
  a caller ID that is not the account's .......... 403, 32204
  beyond the pace of the trunk ................... 503, 32001
  otherwise ...................................... rung, answered, and in the log as trunking-terminating
An answer that is not acknowledged within 32 s is hung up, and is the error 32022.

Assumption: the responses other than 400 and 407 are not documented.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from math import inf
from typing import Literal

from voicedr.twin import faults
from voicedr.twin.calls.arrival import Admitted, Arrival, Refused, Silence, SipCaller
from voicedr.twin.calls.caller import Caller
from voicedr.twin.calls.commands import Ended, HungUp, RegionLost, Script, Tie, Wait, Watch
from voicedr.twin.calls.guard import known, listed
from voicedr.twin.calls.handler import Handler
from voicedr.twin.calls.line import Line, Verb
from voicedr.twin.calls.office import Office
from voicedr.twin.calls.person import Person
from voicedr.twin.calls.ringing import CALL_MAX_S, Called, drop, finish, ring
from voicedr.twin.calls.trunk import transfer_refused
from voicedr.twin.world.model import Call, Trunk
from voicedr.twin.world.routes import effective_region

RING_S = 120.0
"""How long it rings. Assumption."""

_E164 = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)
_DOMAIN = re.compile(r"([a-z0-9-]+)\.pstn(?:\.[a-z0-9-]+)?\.twilio\.com\.?")
_REFUSALS = {"busy": 486, "no-answer": 480, "canceled": 487}


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
        level: Literal["error", "warning"] = "warning" if error == 32006 else "error"
        text = f"trunk {domain}: {text}"
        office.alert(region, error, text, resource_sid=trunk.sid, method="INVITE", level=level)
        return Refused(code)

    if arrival.max_forwards == 0:
        return refused(483, 32006, "Max-Forwards is 0; send at least 20")
    if not (trunk.ip_access_control_lists or trunk.credential_lists):
        return refused(403, 32200, "it has neither an IP access control list nor a credential list; map one to it")
    if trunk.secure and arrival.transport != "tls":
        return refused(403, 32209, f"Secure Trunking is on and the call came by {arrival.transport.upper()}")
    if trunk.ip_access_control_lists and not listed(store, trunk.ip_access_control_lists, arrival.source):
        return refused(403, 32201, f"{arrival.source} is in none of its IP access control lists")
    if trunk.credential_lists:
        if arrival.shown is None:
            return Refused(407, domain)
        if not known(store, trunk.credential_lists, arrival.shown, arrival.method):
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
    person.phone = caller.phone
    line = Line(office, admitted.region, call, Handler(""), person, verbs)
    connected(line)
    if person.phone is not None:
        person.phone.suffers(partial(office.suffers, line.region, call.to, call.sid))
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
            person.hears(office.now, "talking", admitted.to)
            yield Wait(min(called.talks_s, CALL_MAX_S))
        yield from finish(called, "completed")
    except (HungUp, Ended) as end:
        if call.ended_at is None:
            status = end.status if isinstance(end, Ended) else "completed" if line.answered else "canceled"
            yield from finish(called, status)
    except RegionLost:
        drop([called])
    finally:
        if person.phone is not None:
            person.phone.disconnect()
        caller.hang_up()
        if caller.unacknowledged:
            not_acknowledged(office, admitted.region, call.sid)
        if caller.referred:
            transfer_refused(line, admitted.trunk)


def not_acknowledged(office: Office, region: str, call_sid: str) -> None:
    """Write down that an answer was never acknowledged (https://www.twilio.com/docs/api/errors/32022)."""
    text = "no ACK came within 32 s of the answer; look for what drops it between the equipment and the edge"
    office.alert(region, 32022, text, resource_sid=call_sid, method="INVITE")


def person_at_the_end() -> Person:
    """Whoever the customer connects: they stay until their equipment hangs up."""
    return Person(Caller(hangs_up_after_s=inf))


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
