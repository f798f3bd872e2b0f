"""A call from the public network: the Region its route says now, who answers it there, and how it ends.

dialled ── set-up ──> edge ──> Region of the route, now
  number not ours, no handler in that Region ...... tone, no log, no webhook     not-connected
  nobody takes it (Region down) ................... silence                      silence
  a trunk ......................................... its origination URIs, then its disaster recovery URL
  a handler ....................................... its TwiML                    served, error-message, rejected
A SIP domain is dialled as ``sip:user@name.sip.twilio.com`` and comes in through the edge that its name says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from voicedr.twin import faults
from voicedr.twin.calls import handler as handlers
from voicedr.twin.calls import sip_domain
from voicedr.twin.calls.arrival import SipCaller, ToDomain
from voicedr.twin.calls.commands import Ended, HungUp, RegionLost, Script, Wait
from voicedr.twin.calls.handler import Handler
from voicedr.twin.calls.interpreter import converse
from voicedr.twin.calls.line import Line, Verb
from voicedr.twin.calls.office import Office
from voicedr.twin.calls.person import Person
from voicedr.twin.calls.session import Session
from voicedr.twin.calls.sip_domain import Addressed
from voicedr.twin.calls.status_callback import tell
from voicedr.twin.calls.termination import not_acknowledged
from voicedr.twin.calls.trunk import Diverted, reach
from voicedr.twin.world.model import Call, NetworkCall, Number, Trunk
from voicedr.twin.world.routes import effective_region

TONE_S = 2.0
"""How long somebody listens to a tone that says: no connection, or busy. Assumption."""

DEAD_AIR_S = 10.0
"""How long a line stays silent before it drops when its Region dies. Assumption: it is not documented."""

_REFUSALS = {"busy": 486, "rejected": 404, "failed": 503}
"""What equipment is told, by how a call ended that was not answered. Only those of Reject are documented."""

SILENCE_S = 30.0
"""How long the network waits for a Region that takes no call, where the fault does not say. Assumption."""


def region_is_lost(office: Office, region: str) -> bool:
    """Whether calls that this Region processes are lost now."""
    return faults.region_down(office.world, region, office.now) is not None


def incoming(
    office: Office, network: NetworkCall, person: Person, verbs: Mapping[str, Verb], connected: Callable[[Line], None]
) -> Script[None]:
    """The whole call. When it returns, ``network`` says how it ended.

    Args:
        connected: Told of the line once a Region has taken the call.
    """
    yield from _whole(office, network, person, _call(office, network, person, verbs, connected))


def arriving(
    office: Office,
    network: NetworkCall,
    person: Person,
    verbs: Mapping[str, Verb],
    connected: Callable[[Line], None],
    admitted: ToDomain,
    caller: SipCaller,
) -> Script[None]:
    """The whole call of real equipment to a SIP domain, from when it was let in. It is told how it ends.

    180 before the TwiML, 200 when that answers; Reject is 486 or 404 (https://www.twilio.com/docs/voice/api/sip-twiml).
    """
    person.phone = caller.phone
    try:
        yield from _whole(
            office, network, person, _at_domain(office, network, person, verbs, connected, admitted, caller)
        )
    finally:
        caller.refuse(_REFUSALS.get(network.outcome, 480))
        caller.hang_up()
        if caller.unacknowledged:
            not_acknowledged(office, admitted.region, network.call_sid)


def _whole(office: Office, network: NetworkCall, person: Person, call: Script[None]) -> Script[None]:
    try:
        yield from call
    except RegionLost:
        network.outcome = "silence"
        person.hears(office.now, "silence", "the Region is down")
        try:
            yield Wait(DEAD_AIR_S)
        except HungUp:
            person.notices(office.now, "hang-up")
    except HungUp:
        network.outcome = "failed" if person.is_cut else network.outcome or "no-answer"
        person.notices(office.now, "dropped" if person.is_cut else "hang-up")
    except Ended:
        pass  # By REST: the network hangs up on the caller. The outcome is written down.
    person.hears_no_more(office.now)


def _call(
    office: Office, network: NetworkCall, person: Person, verbs: Mapping[str, Verb], connected: Callable[[Line], None]
) -> Script[None]:
    world = office.world
    person.hears(office.now, "ringing")
    yield Wait(world.settings.setup_s)
    number = world.numbers.get(network.to)
    dialled = sip_domain.addressed(network.to) if number is None else None
    if dialled is not None:
        yield from _to_domain(office, network, person, verbs, connected, dialled)
        return
    if number is None:
        yield from _tone(office, network, person, "not-connected")
        return
    region = network.region = effective_region(world, "PhoneNumbers", number.e164, office.now)
    if not (yield from _taken(office, network, person, region, number.e164)):
        return
    handler = handlers.of_number(office.store(region), number)
    if handler is None:
        yield from _tone(office, network, person, "not-connected")
    elif isinstance(handler, Trunk):
        yield from _through_trunk(office, network, person, verbs, connected, number, handler)
    else:
        line = _line(office, network, person, verbs, number, handler)
        connected(line)
        yield from _answered_by(line, network)


def _to_domain(
    office: Office,
    network: NetworkCall,
    person: Person,
    verbs: Mapping[str, Verb],
    connected: Callable[[Line], None],
    dialled: Addressed,
) -> Script[None]:
    """Over SIP: in through the edge of the name, then to the Region of the domain's route."""
    at_edge = faults.edge(office.world, dialled.edge, office.now)
    if at_edge is not None and at_edge.failure is not None:
        yield from _not_taken(office, network, person, "silence", SILENCE_S)
        return
    if at_edge is not None:
        yield Wait(at_edge.delay_s)
    region = network.region = effective_region(office.world, "SipDomains", dialled.domain_name, office.now)
    if not (yield from _taken(office, network, person, region, dialled.domain_name)):
        return
    domain = sip_domain.standing(office.store(region), dialled.domain_name)
    handler = sip_domain.handler_of(domain) if domain is not None else None
    if domain is None or handler is None:
        yield from _tone(office, network, person, "not-connected")
        return
    line = _line(office, network, person, verbs, None, handler)
    line.call.from_, line.call.to = sip_domain.caller_uri(network.from_), dialled.uri
    call_id = f"{office.world.mint('')}@{sip_domain.PBX}"
    user = line.call.from_.partition(":")[2].partition("@")[0]
    line.extra.update(sip_domain.parameters(domain, dialled, call_id, user))
    connected(line)
    yield from _answered_by(line, network)


def _at_domain(
    office: Office,
    network: NetworkCall,
    person: Person,
    verbs: Mapping[str, Verb],
    connected: Callable[[Line], None],
    admitted: ToDomain,
    caller: SipCaller,
) -> Script[None]:
    domain, arrival = admitted.domain, admitted.arrival
    network.region = admitted.region
    handler = sip_domain.handler_of(domain)
    if handler is None or not (yield from _taken(office, network, person, admitted.region, domain.domain_name)):
        return
    caller.ringing()
    line = _line(office, network, person, verbs, None, handler)
    line.picks_up = line.sip = caller
    line.call.from_, line.call.to = arrival.from_uri, admitted.dialled.uri
    line.extra.update(
        sip_domain.parameters(domain, admitted.dialled, arrival.call_id, admitted.username, arrival.source)
    )
    connected(line)
    yield from _answered_by(line, network)


def _taken(office: Office, network: NetworkCall, person: Person, region: str, name: str) -> Script[bool]:
    """Whether the Region takes a call to this number or domain. If not, the call is over when this returns."""
    faults.expire(office.world, office.now)
    effect = faults.call_setup(office.world, region, name, office.now)
    if effect is not None and not effect.outcome:
        yield Wait(effect.after_s)
    elif effect is not None:
        yield from _not_taken(office, network, person, effect.outcome, effect.after_s)
        return False
    if region_is_lost(office, region):
        yield from _not_taken(office, network, person, "silence", SILENCE_S)
        return False
    return True


def _line(
    office: Office,
    network: NetworkCall,
    person: Person,
    verbs: Mapping[str, Verb],
    number: Number | None,
    handler: Handler,
    trunk_sid: str = "",
) -> Line:
    call = Call(
        sid=office.world.mint("CA"),
        from_=network.from_,
        to=network.to,
        direction="trunking-originating" if trunk_sid else "inbound",
        status="ringing",
        created_at=office.now,
        started_at=office.now,
        phone_number_sid=number.sid if number is not None else "",
        trunk_sid=trunk_sid,
    )
    store = office.store(network.region)
    configured = store.numbers.get(call.phone_number_sid)
    if configured is not None and configured.voice_caller_id_lookup:
        call.caller_name = person.caller.name
    call.forwarded_from = person.caller.forwarded_from
    store.calls[call.sid] = call
    network.call_sid = call.sid
    person.through = partial(office.keys, network.region, network.to, call.sid)
    if person.phone is not None:
        person.phone.suffers(partial(office.suffers, network.region, network.to, call.sid))
    dropped_after_s = faults.dropped_after_s(office.world, network.region, network.to, office.now)
    if dropped_after_s is not None:
        person.is_cut_off_after(office.now, dropped_after_s)
    return Line(office, network.region, call, handler, person, verbs, session=Session(exchanges=call.exchanges))


def _answered_by(line: Line, network: NetworkCall) -> Script[None]:
    """Run the application's TwiML and write down how it went, however it ends."""
    person, office = line.person, line.office
    try:
        over = yield from converse(line)
    except (HungUp, Ended) as end:
        network.outcome = _outcome(line) if line.answered else "no-answer"
        status = end.status if isinstance(end, Ended) else "completed"
        yield from _finish(line, status if line.answered else "no-answer")
        raise
    except RegionLost:
        _close(line, "failed")
        raise
    if over.rejected:
        network.outcome = over.rejected
        yield from _finish(line, "busy" if over.rejected == "busy" else "no-answer")
        if line.picks_up is not None:
            return
        person.hears(office.now, "tone", over.rejected)
        yield Wait(TONE_S)
        return
    network.outcome = _outcome(line)
    yield from _finish(line, "completed")


def _outcome(line: Line) -> str:
    return "error-message" if line.apologised else "served"


def _finish(line: Line, status: str) -> Script[None]:
    _close(line, status)
    yield from tell(line, "completed")


def _close(line: Line, status: str) -> None:
    line.call.status = status
    line.call.ended_at = line.office.now


def _through_trunk(
    office: Office,
    network: NetworkCall,
    person: Person,
    verbs: Mapping[str, Verb],
    connected: Callable[[Line], None],
    number: Number,
    trunk: Trunk,
) -> Script[None]:
    line = _line(office, network, person, verbs, number, Handler(""), trunk.sid)
    connected(line)
    try:
        end = yield from reach(line, trunk)
    except (HungUp, Ended):
        network.outcome = "served" if line.answered else "no-answer"
        _close(line, "completed" if line.answered else "no-answer")
        raise
    except RegionLost:
        _close(line, "failed")
        raise
    if isinstance(end, Diverted):
        recovery = handlers.of_disaster_recovery(trunk)
        _close(line, end.status)
        if recovery is not None:
            # Run as an ordinary TwiML call (https://www.twilio.com/docs/sip-trunking#disaster-recovery-url).
            line = _line(office, network, person, verbs, number, recovery)
            connected(line)
            yield from _answered_by(line, network)
            return
    _close(line, end.status)
    network.outcome = "served" if end.status == "completed" else end.status
    if end.status != "completed":
        person.hears(office.now, "tone", end.status)
        yield Wait(TONE_S)


def _tone(office: Office, network: NetworkCall, person: Person, outcome: str) -> Script[None]:
    """Refused at the edge: no log, no webhook, a tone."""
    network.outcome = outcome
    person.hears(office.now, outcome)
    yield Wait(TONE_S)


def _not_taken(office: Office, network: NetworkCall, person: Person, outcome: str, after_s: float) -> Script[None]:
    network.outcome = outcome
    person.hears(office.now, "silence")
    yield Wait(after_s)
    if outcome != "silence":
        person.hears(office.now, "tone", outcome)
        yield Wait(TONE_S)
