"""What the faults that last now do to one thing that is about to happen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from voicedr.twin.faults.effects import (
    CallEffect,
    MediaEffect,
    NameEffect,
    PartyEffect,
    RestEffect,
    SipEffect,
    StatusPageEffect,
    WebhookEffect,
)
from voicedr.twin.faults.kind import FaultKind, Params, Rest, lasts, params_at, touches
from voicedr.twin.faults.menu import kinds
from voicedr.twin.faults.never import NEVER
from voicedr.twin.world.model import Fault, Settings, World
from voicedr.wire.http import Response


@dataclass(frozen=True, slots=True)
class Active:
    """A fault that lasts now, and its parameters as they are now."""

    fault: Fault
    kind: FaultKind
    params: Params


def active(world: World, now: float) -> Iterator[Active]:
    """Every fault that lasts, in the order of beginning."""
    if not world.faults:
        return
    known = kinds()
    for fault in list(world.faults.values()):
        if lasts(fault, now):
            yield Active(fault, known[fault.fault], params_at(fault, now))


def region_down(world: World, region: str, now: float) -> str | None:
    """How a Region is down: ``refuse``, ``black-hole``, ``slow`` or ``503``; None if it is up, or fails in part."""
    for one in active(world, now):
        if one.kind.region_mode is None or one.params.get("rate", 1.0) < 1.0:
            continue
        if (mode := one.kind.region_mode(one.params, region)) is not None:
            return mode
    return None


def rest(world: World, request: Rest, now: float) -> RestEffect | None:
    """What becomes of a provider request. The first fault that decides it does; delays add up."""
    delay_s, undone, body = 0.0, False, None
    for one in active(world, now):
        if one.kind.rest is None or (effect := one.kind.rest(world, one.params, request, now)) is None:
            continue
        if not touches(world, one.fault, one.params):
            continue
        delay_s += effect.delay_s
        if effect.failure is not None or effect.response is not None:
            return replace(effect, delay_s=delay_s, undone=undone, body=body)
        undone, body = undone or effect.undone, body if effect.body is None else effect.body
        if effect.body is not None:
            request = replace(request, body=effect.body)
    if not delay_s and not undone and body is None:
        return None
    return RestEffect(delay_s=delay_s, executed=True, undone=undone, body=body)


def before(world: World, request: Rest, read: Callable[[], Response], now: float) -> None:
    """Let faults look at how something stands before a request changes it."""
    for one in active(world, now):
        if one.kind.before is not None:
            one.kind.before(one.fault, one.params, request, read, now)


def reply(world: World, request: Rest, response: Response, now: float) -> Response:
    """What arrives of the provider's answer."""
    for one in active(world, now):
        if one.kind.reply is None:
            continue
        other = one.kind.reply(one.fault, one.params, request, response, now)
        if other is not None and touches(world, one.fault, one.params):
            response = other
    return response


def call_setup(world: World, region: str, e164: str, now: float) -> CallEffect | None:
    """What becomes of a call that the edges hand to a Region; None if it is taken at once. Delays add up."""
    delay_s = 0.0
    for one in active(world, now):
        if one.kind.call_setup is None or not (effect := one.kind.call_setup(world, one.params, region, e164, now)):
            continue
        if not touches(world, one.fault, one.params):
            continue
        if effect.outcome:
            return replace(effect, after_s=effect.after_s + delay_s)
        delay_s += effect.after_s
    return CallEffect("", delay_s) if delay_s else None


def dropped_after_s(world: World, region: str, e164: str, now: float) -> float | None:
    """How long after set-up a call drops; None if it does not."""
    times: list[float] = []
    for one in active(world, now):
        if one.kind.dropped_after_s is None:
            continue
        after_s = one.kind.dropped_after_s(one.params, region, e164)
        if after_s is not None and touches(world, one.fault, one.params):
            times.append(after_s)
    return min(times, default=None)


def media(world: World, region: str, e164: str, call_sid: str, now: float) -> MediaEffect | None:
    """What is lost of a call's sound; a call fares the same as long as the fault lasts."""
    found: MediaEffect | None = None
    for one in active(world, now):
        if one.kind.media is None or (effect := one.kind.media(one.params, region, e164)) is None:
            continue
        if not touches(world, one.fault, one.params, call_sid):
            continue
        found = found or MediaEffect()
        found = MediaEffect(found.deaf or effect.deaf, found.mute or effect.mute, found.keys or effect.keys)
    return found


def webhook(world: World, region: str, url: str, now: float) -> WebhookEffect | None:
    """What becomes of a webhook that a Region sends; None if nothing is in its way. Delays add up."""
    delay_s = 0.0
    late: WebhookEffect | None = None
    for one in active(world, now):
        if one.kind.webhook is None or (effect := one.kind.webhook(world, one.params, region, url, now)) is None:
            continue
        if not touches(world, one.fault, one.params):
            continue
        only_late = effect == WebhookEffect(None, effect.delay_s, None)
        delay_s += effect.delay_s
        if not only_late:
            return replace(effect, delay_s=delay_s)
        late = WebhookEffect(None, delay_s, None)
    return late


def edge(world: World, name: str, now: float) -> WebhookEffect | None:
    """What becomes of a webhook that leaves, or of SIP that comes in, through an edge; None if the edge is up."""
    for one in active(world, now):
        if one.kind.edge is None or (effect := one.kind.edge(one.params, name)) is None:
            continue
        if touches(world, one.fault, one.params):
            return effect
    return None


def sip(world: World, edge: str, number: int, key: str, now: float) -> SipEffect | None:
    """What becomes of SIP at an address of an edge; None if nothing is in its way. Delays add up.

    Args:
        number: Which of the edge's addresses, from 1.
        key: What fares the same as long as a fault lasts, e.g. a Call-ID.
    """
    found: SipEffect | None = None
    for one in active(world, now):
        if one.kind.sip is None or (effect := one.kind.sip(one.params, edge, number)) is None:
            continue
        if not touches(world, one.fault, one.params, key):
            continue
        earlier = found or SipEffect()
        found = SipEffect(
            silent=earlier.silent or effect.silent,
            resets=earlier.resets or effect.resets,
            code=earlier.code or effect.code,
            options_too=earlier.options_too or effect.options_too,
            stuck_at=earlier.stuck_at or effect.stuck_at,
            delay_s=earlier.delay_s + effect.delay_s,
            certificate_expired=earlier.certificate_expired or effect.certificate_expired,
        )
    return found


def name(world: World, edge: str, now: float) -> NameEffect | None:
    """What becomes of looking up a name that says an edge; None if it is answered as it should be."""
    left_out: frozenset[int] = frozenset()
    for one in active(world, now):
        if one.kind.name is None or (effect := one.kind.name(one.params, edge)) is None:
            continue
        if not touches(world, one.fault, one.params):
            continue
        if effect.answer:
            return effect
        left_out |= effect.left_out
    return NameEffect(left_out=left_out) if left_out else None


def party(world: World, address: str, now: float) -> PartyEffect | None:
    """What becomes of ringing somebody outside; None if it is up to them."""
    for one in active(world, now):
        if one.kind.party is None or (effect := one.kind.party(world, one.params, address, now)) is None:
            continue
        if touches(world, one.fault, one.params):
            return effect
    return None


def settings(world: World, region: str, now: float) -> Settings:
    """The twin's settings in a Region, with what faults change in them."""
    changed = world.settings
    for one in active(world, now):
        if one.kind.settings is not None and (otherwise := one.kind.settings(one.params, region)):
            changed = replace(changed, **otherwise)
    return changed


def route_lag_s(world: World, region: str, now: float) -> float:
    """How many seconds behind a Region's reads of routes are."""
    lags = [
        one.kind.route_lag_s(one.params, region)
        for one in active(world, now)
        if one.kind.route_lag_s is not None and touches(world, one.fault, one.params)
    ]
    return max(lags, default=0.0)


def route_held_until(world: World, via: str, name: str, now: float) -> float | None:
    """When a route write made through a Region now can begin to arrive; None if nothing holds it."""
    held: list[float] = []
    for one in active(world, now):
        holds, delays = one.kind.holds_route, one.kind.route_delay_s
        if (holds is None and delays is None) or not touches(world, one.fault, one.params, name):
            continue
        if holds is not None and holds(one.params, via, name):
            held.append(NEVER if one.fault.until is None else one.fault.until)
        if delays is not None and (delay_s := delays(one.params, via, name)):
            held.append(now + delay_s)
    return max(held, default=None)


def queue_size(world: World, region: str, name: str, otherwise: int, now: float) -> int:
    """How many callers a queue takes now."""
    size = otherwise
    for one in active(world, now):
        if one.kind.queue_size is None or (fewer := one.kind.queue_size(one.params, region, name)) is None:
            continue
        if touches(world, one.fault, one.params):
            size = min(size, fewer)
    return size


def loses_recording(world: World, region: str, e164: str, now: float) -> bool:
    """Whether a recording that ends now comes to nothing."""
    return any(
        one.kind.loses_recording(one.params, region, e164) and touches(world, one.fault, one.params)
        for one in active(world, now)
        if one.kind.loses_recording is not None
    )


def status_page(world: World, now: float) -> list[StatusPageEffect]:
    """What the status page says that is not so."""
    return [one.kind.status_page(one.params) for one in active(world, now) if one.kind.status_page is not None]
