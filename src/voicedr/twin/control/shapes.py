"""What the control API takes and gives, as JSON."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from voicedr.twin.calls.caller import Caller
from voicedr.twin.world.model import Heard, Message, NetworkCall, RouteEntry, RouteKind, WebExchange, World

Seconds = Annotated[float, Meta(ge=0, le=86_400)]
At = Annotated[float, Meta(description="Seconds since the epoch, UTC.")]


class CallerBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a caller does."""

    presses: tuple[str, ...] = ()
    hangs_up_after_s: Seconds = 30.0
    speaks_s: Seconds = 3.0
    barges_in: bool = False
    stars_after_s: Seconds | None = None
    ends_recording_with: Annotated[str, Meta(max_length=1)] = ""
    name: Annotated[str, Meta(max_length=100)] = ""
    forwarded_from: Annotated[str, Meta(max_length=100)] = ""

    def caller(self) -> Caller:
        """The caller."""
        return Caller(
            self.presses,
            self.hangs_up_after_s,
            self.speaks_s,
            self.barges_in,
            self.stars_after_s,
            self.ends_recording_with,
            self.name,
            self.forwarded_from,
        )


class DialBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"from_": "from"}):
    """A call that the public network places."""

    from_: Annotated[str, Meta(min_length=1)]
    to: Annotated[str, Meta(min_length=1)]
    caller: CallerBody = CallerBody()
    synthetic: bool = False


class LoadBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Calls that arrive at random at a mean rate; ``numbers`` may be ``all``."""

    calls_per_second: Annotated[float, Meta(gt=0, le=10_000)]
    numbers: tuple[str, ...] | Literal["all"] = "all"
    duration_s: Annotated[float, Meta(gt=0)] | None = None
    caller: CallerBody = CallerBody()
    from_prefix: str = "+1646555"


class HeardShown(msgspec.Struct, frozen=True):
    """One stretch of what a caller experienced, counted from dialling."""

    at_s: float
    for_s: float
    what: str
    detail: str


class CallShown(msgspec.Struct, frozen=True, rename={"from_": "from"}):
    """A call as the public network saw it. ``outcome`` is empty while it lasts."""

    id: str
    from_: str
    to: str
    dialled_at: At
    region: str
    call_sid: str
    outcome: str
    ended_at: At | None
    heard: tuple[HeardShown, ...]
    synthetic: bool


class CallFollowed(CallShown, frozen=True):
    """A call, and every attempt at a webhook that it made, callbacks and the legs it dialled too."""

    exchanges: tuple[WebExchange, ...]


class MessageBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"from_": "from"}):
    """A text message that somebody sends to a number."""

    from_: Annotated[str, Meta(min_length=1)]
    to: Annotated[str, Meta(min_length=1)]
    body: Annotated[str, Meta(max_length=1600)] = ""


class TokenBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An access token as a Voice SDK is given it."""

    token: Annotated[str, Meta(min_length=1)]


class TokenShown(msgspec.Struct, frozen=True):
    """What the provider would answer to it. ``code`` is 0 if a client gets in."""

    accepted: bool
    code: int
    message: str
    region: str
    identity: str


class MessageShown(msgspec.Struct, frozen=True, rename={"from_": "from"}):
    """A message, how it went, what the application replied, and every attempt at its webhooks."""

    sid: str
    from_: str
    to: str
    body: str
    received_at: At
    region: str
    outcome: str
    replies: tuple[str, ...]
    exchanges: tuple[WebExchange, ...]


class TallyShown(msgspec.Struct, frozen=True):
    """How the calls went that were dialled since a time. Calls that no Region took count under ``none``."""

    placed: int
    ended: int
    outcomes: dict[str, int]
    by_region: dict[str, dict[str, int]]


class RouteChangeShown(msgspec.Struct, frozen=True):
    """One write to a route."""

    at: At
    region: str
    effective_at: At
    via: str


class RouteShown(msgspec.Struct, frozen=True):
    """A route and its writes. ``region`` is what the edges use now."""

    kind: RouteKind
    name: str
    region: str
    changes: tuple[RouteChangeShown, ...]


class FaultShown(msgspec.Struct, frozen=True):
    """Something that is broken."""

    id: str
    fault: str
    params: dict[str, Any]
    since: At
    until: At | None


class ErrorShown(msgspec.Struct, frozen=True):
    """What is wrong with a request, and the next step. Nothing was changed."""

    error: str


def show_call(call: NetworkCall) -> CallShown:
    """A call for JSON."""
    return CallShown(
        call.id,
        call.from_,
        call.to,
        call.dialled_at,
        call.region,
        call.call_sid,
        call.outcome,
        call.ended_at,
        tuple(_show_heard(heard) for heard in call.heard),
        call.synthetic,
    )


def follow_call(world: World, call: NetworkCall) -> CallFollowed:
    """A call with its exchanges, which are in the log of the Region that took it; none if no Region did."""
    store = world.regions.get(call.region)
    logged = store.calls.get(call.call_sid) if store is not None else None
    exchanges = tuple(logged.exchanges) if logged is not None else ()
    return CallFollowed(**msgspec.structs.asdict(show_call(call)), exchanges=exchanges)


def show_message(message: Message) -> MessageShown:
    """A message for JSON."""
    return MessageShown(
        message.sid,
        message.from_,
        message.to,
        message.body,
        message.received_at,
        message.region,
        message.outcome,
        tuple(message.replies),
        tuple(message.exchanges),
    )


def show_route(entry: RouteEntry, now: float) -> RouteShown:
    """A route for JSON."""
    changes = tuple(RouteChangeShown(c.at, c.region, c.effective_at, c.via) for c in entry.changes)
    return RouteShown(entry.kind, entry.name, entry.effective(now), changes)


def _show_heard(heard: Heard) -> HeardShown:
    return HeardShown(heard.at_s, heard.for_s, heard.what, heard.detail)
