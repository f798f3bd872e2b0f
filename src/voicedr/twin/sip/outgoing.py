"""A call that we place, seen as one: several devices may ring for it, and each may need more than one INVITE.

each way:  INVITE ── 401, 407 and we have a login ──> INVITE with credentials, once
                  ── 302, and it may be followed ──> INVITE to its first Contact, once
                  ── another final response, or nothing in time ──> that way is over
together:  the first answer wins and the others are cancelled; with no way left the call has failed

One redirect to the first Contact only, never to a domain of the provider's (https://www.twilio.com/docs/sip-trunking).
Of several failures the one that RFC 3261 section 16.7 prefers is told. Assumption: a 6xx of one device does not stop
the others from ringing; it is not documented.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol

from voicedr.twin.calls.commands import FarEnd, Invite
from voicedr.twin.calls.phone import Phone
from voicedr.twin.sip.leg import Leg
from voicedr.twin.sip.table import Flow
from voicedr.twin.sip.transfer import Transfer
from voicedr.wire.sip.digest import BadDigest, answer, read_challenge
from voicedr.wire.sip.messages import URI, Request, Response, sequence_of

HEADERS_MAX = 50
_ASKS = {401: ("WWW-Authenticate", "Authorization"), 407: ("Proxy-Authenticate", "Proxy-Authorization")}


@dataclass(frozen=True, slots=True)
class Way:
    """Where an INVITE goes, and what it says besides its own.

    Attributes:
        to: The URI in To, if it is not the one that is asked for.
        routes: The proxies that it goes by.
    """

    uri: URI
    flow: Flow
    edge: str
    headers: tuple[tuple[str, str], ...] = ()
    to: URI | None = None
    routes: tuple[str, ...] = ()


class Places(Protocol):
    """Whoever sends an INVITE on a way."""

    def __call__(
        self,
        order: Invite,
        way: Way,
        *,
        before: Request | None,
        answered: Callable[[Leg], None],
        over: Callable[[Leg], None],
    ) -> Leg:
        """Send it. ``before`` is the INVITE that it repeats, which it shares its Call-ID and tag with."""
        ...


@dataclass(eq=False, slots=True)
class _Branch:
    way: Way
    leg: Leg | None = None
    logged_in: bool = False
    redirected: bool = False


@dataclass(eq=False)
class Outgoing:
    """The far end of the call. Begun by ``start``."""

    order: Invite
    place: Places
    redirect: Callable[[Invite, URI, Way], Way | str]
    mint: Callable[[str], str]
    winner: Leg | None = None
    over: bool = False
    redirected: bool = False
    redirect_failed: str = ""
    refer_to: str = ""
    referred: int = 0
    watchers: list[asyncio.Future[None]] = field(default_factory=list)
    _open: list[_Branch] = field(default_factory=list)
    _failed: list[Leg] = field(default_factory=list)
    _ties: list[FarEnd] = field(default_factory=list)
    _unwanted: bool = False
    _may_refer: bool = False

    @property
    def answered(self) -> bool:
        """Whether it was picked up; stays so when it is over."""
        return self.winner is not None

    @property
    def outcome(self) -> str:
        """How it ended, in one word; empty while it lasts."""
        return "" if not self.over else "served" if self.answered else "failed"

    @property
    def sip_code(self) -> int:
        """The final response, 0 as long as there is none and if there was none in time."""
        told = self._telling
        return told.sip_code if told is not None else 0

    @property
    def why(self) -> str:
        """For people: how it failed."""
        told = self._telling
        return told.why if told is not None and not self.answered else ""

    @property
    def phone(self) -> Phone | None:
        """What it hears with."""
        return self.winner.phone if self.winner is not None else None

    @property
    def call_id(self) -> str:
        """Of the INVITE that was answered, or else of the one whose failure is told, or that rings."""
        told = self._telling or next((branch.leg for branch in self._open if branch.leg is not None), None)
        return told.invite.call_id if told is not None else ""

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """The ``X-...`` headers of the answer."""
        final = self.winner.final if self.winner is not None else None
        if final is None:
            return ()
        names = [name for name in final.headers.keys() if name.lower().startswith("x-")]  # noqa: SIM118 it is no dict
        return tuple((name, final.headers[name]) for name in names[:HEADERS_MAX])

    @property
    def _telling(self) -> Leg | None:
        if self.winner is not None or not self._failed or self._open:
            return self.winner
        # A final response before none, 6xx before others, then the lowest.
        return min(self._failed, key=lambda leg: (leg.sip_code == 0, leg.sip_code < 600, leg.sip_code))

    def start(self, ways: Sequence[Way]) -> None:
        """Send an INVITE on each of these ways."""
        self._open = [_Branch(way) for way in ways]
        for branch in list(self._open):
            self._try(branch, branch.way)
        if not self._open:
            self._end()

    def hang_up(self) -> None:
        """End it from this side. Saying it twice is saying it once."""
        self._unwanted = True
        if self.winner is not None:
            self.winner.hang_up()
        for branch in list(self._open):
            if branch.leg is not None:
                branch.leg.hang_up()

    def tie(self, other: FarEnd) -> None:
        """When this is over, the other is hung up."""
        self._ties.append(other)
        if self.over:
            other.hang_up()

    def let_refer(self) -> None:
        """From now on take a REFER of whoever answered; without this each is refused."""
        self._may_refer = True

    def refer(self, uri: str) -> Transfer | None:
        """Ask whoever answered to call somewhere else."""
        return self.winner.refer(uri) if self.winner is not None else None

    def _try(self, branch: _Branch, way: Way, before: Request | None = None) -> None:
        branch.way = way
        branch.leg = self.place(
            self.order,
            way,
            before=before,
            answered=lambda leg: self._leg_answered(branch, leg),
            over=lambda leg: self._leg_over(branch, leg),
        )

    def _leg_answered(self, branch: _Branch, leg: Leg) -> None:
        if self.winner is not None or self._unwanted:
            leg.hang_up()  # It crossed our CANCEL.
            return
        self.winner = leg
        leg.on_refer = self._asked_to_refer
        if branch.redirected:
            self.redirect_failed = ""
        others = [one.leg for one in self._open if one is not branch and one.leg is not None]
        self._open.clear()
        for other in others:
            other.hang_up()
        self._wake()

    def _asked_to_refer(self, refer_to: str) -> bool:
        """Whoever answered wants to hand its other end on: this call is over then, for whoever placed it."""
        self.referred += 1
        if not self._may_refer or self.over:
            return False
        self.refer_to = refer_to
        self._end()
        return True

    def _leg_over(self, branch: _Branch, leg: Leg) -> None:
        if leg is self.winner:
            self._end()
            return
        if self.winner is not None or branch not in self._open:
            return
        if not self._unwanted and self._goes_on(branch, leg):
            return
        self._open.remove(branch)
        self._failed.append(leg)
        if branch.redirected and not self.redirect_failed:
            self.redirect_failed = f"{branch.way.uri}, which a 302 named, failed: {leg.why}"
        if not self._open:
            self._end()

    def _goes_on(self, branch: _Branch, leg: Leg) -> bool:
        """Whether this way needs another INVITE, and gets it."""
        final = leg.final
        if final is None:
            return False
        if final.code in _ASKS and self.order.login is not None and not branch.logged_in:
            shown = self._credentials(final, leg.invite, self.order.login)
            if shown is None:
                return False
            branch.logged_in = True
            way = branch.way
            named = Way(way.uri, way.flow, way.edge, (*way.headers, shown), way.to, way.routes)
            self._try(branch, named, leg.invite)
            return True
        if final.code == 302:
            return self._follows(branch, final)
        return False

    def _credentials(self, final: Response, invite: Request, login: tuple[str, str]) -> tuple[str, str] | None:
        """The first challenge that we can meet, met (RFC 8760 section 2.4)."""
        asking, showing = _ASKS[final.code]
        for value in final.headers.getlist(asking):
            with suppress(BadDigest):
                shown = answer(
                    read_challenge(value),
                    username=login[0],
                    password=login[1],
                    method="INVITE",
                    uri=str(invite.uri),
                    cnonce=self.mint(""),
                )
                return showing, shown.header()
        return None

    def _follows(self, branch: _Branch, final: Response) -> bool:
        again = self.redirected or branch.redirected or not self.order.may_redirect
        self.redirected = True
        if again:
            self.redirect_failed = "a second 302; one is followed"
            return False
        try:
            contact = final.contact[0].uri
        except (ValueError, TypeError, IndexError):
            self.redirect_failed = "its 302 has no Contact that can be read"
            return False
        way = self.redirect(self.order, contact, branch.way)
        if isinstance(way, str):
            self.redirect_failed = way
            return False
        branch.redirected, branch.logged_in = True, False
        self._try(branch, way)
        return True

    def _end(self) -> None:
        if self.over:
            return
        self.over = True
        ties, self._ties = self._ties, []
        for tied in ties:
            tied.hang_up()
        self._wake()

    def _wake(self) -> None:
        watchers, self.watchers = self.watchers, []
        for watcher in watchers:
            if not watcher.done():
                watcher.set_result(None)


def invite_number(before: Request | None) -> int:
    """The CSeq of an INVITE: one more than the one that it repeats."""
    return 1 if before is None else sequence_of(before) + 1
