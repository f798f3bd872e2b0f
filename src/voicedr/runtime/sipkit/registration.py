"""Does a device's registration work at each of several edges? Registered, read back, and taken out again.

new ── REGISTER ── 401, 407 ──> with credentials, once more if the nonce was stale ── 200 ──> accepted
                ── 423 ──> with the interval that is asked for, once
accepted ── REGISTER without Contact ──> what is registered is read back ── Expires: 0 ──> our own is taken out

Only the binding of this test is ever taken out, never ``*``. A REGISTER whose answer was lost may have worked: it is
taken out too. While it stands, calls to the user also arrive here and are answered 480: use a user of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress

import msgspec

from voicedr.runtime.sipkit.lines import Line, LineDown, Trust, new_token, open_line
from voicedr.runtime.sipkit.requests import register
from voicedr.runtime.sipkit.standing import PER_ADDRESS_S
from voicedr.runtime.sipkit.talk import Talk
from voicedr.runtime.sipkit.targets import Resolved, Target
from voicedr.wire.sip.digest import BadDigest, Challenge, answer, read_challenge
from voicedr.wire.sip.messages import Response

EXPIRES_S = 600
"""What is asked for: the least that the provider grants (https://www.twilio.com/docs/voice/api/sip-registration)."""

EXPIRES_S_MAX = 3600
ADDRESSES_TRIED_MAX = 8
"""Of one edge, one after another until one answers."""

CONTACTS_SHOWN_MAX = 20
APART_S = 0.25
"""Between two REGISTER for one user: the provider takes 5 a second (error 32008), whatever the edge."""

RETRY_AFTER_S_MAX = 5
"""Longer than this nobody is waited for who says when to ask again."""

ROUNDS_MAX = 4
"""REGISTER requests until one is accepted: asked for credentials, a stale nonce, another interval, and the last."""

AGENT_HOST = "voicedr.invalid"
"""Behind the @ of a Call-ID; names no machine (RFC 2606)."""

_SHOWS = {401: ("WWW-Authenticate", "Authorization"), 407: ("Proxy-Authenticate", "Proxy-Authorization")}


class Login(msgspec.Struct, frozen=True):
    """Who registers.

    Attributes:
        password: Itself, not a reference to it. It is in no message of ours.
        username: In the credentials; empty takes ``user``.
    """

    user: str
    password: str
    username: str = ""

    def __repr__(self) -> str:
        return f"Login(user={self.user!r})"


class Registered(msgspec.Struct, frozen=True):
    """How registering at one edge went.

    Attributes:
        name: The edge's name.
        accepted: Whether a REGISTER got 200.
        why: Why not; empty if it was.
        looked: Whether anybody could be asked at all.
        place: Who answered.
        expires_s: What was granted; None if the answer does not say.
        algorithm: Of the credentials; empty if none were asked for.
        answer_s: Seconds from the REGISTER that was accepted to its answer.
        contacts: What the edge says is registered, ours among it.
        seen: Whether ours is among them. False is no fault by itself: a registrar may write it differently.
        removed: Whether ours was taken out again; None if it never went in.
    """

    name: str
    accepted: bool = False
    why: str = ""
    looked: bool = True
    place: str = ""
    expires_s: int | None = None
    algorithm: str = ""
    answer_s: float | None = None
    contacts: tuple[str, ...] = ()
    seen: bool = False
    removed: bool | None = None


async def register_at(
    edges: Sequence[Resolved],
    login: Login,
    *,
    domain: str = "",
    expires_s: int = EXPIRES_S,
    per_address_s: float = PER_ADDRESS_S,
    source: str | None = None,
    trust: Trust | None = None,
) -> tuple[Registered, ...]:
    """Register at every edge, read back, take out again. The edges are tried together.

    Args:
        domain: What is registered with; empty takes each edge's own name.
        expires_s: Asked for.
        per_address_s: Seconds for each answer; after that the edge's next address is tried.
    """
    believed, pace = trust or Trust(), _Pace()
    return tuple(
        await asyncio.gather(
            *(
                _at_edge(edge, login, domain or edge.name, expires_s, per_address_s, source, believed, pace)
                for edge in edges
            )
        )
    )


class _Pace:
    """Whose turn it is: all edges share one user."""

    def __init__(self) -> None:
        self._next_at = 0.0

    async def turn(self) -> None:
        """Wait until one more may be sent."""
        now = asyncio.get_running_loop().time()
        at = max(now, self._next_at)
        self._next_at = at + APART_S
        await asyncio.sleep(at - now)


async def _at_edge(
    edge: Resolved,
    login: Login,
    domain: str,
    expires_s: int,
    patience_s: float,
    source: str | None,
    trust: Trust,
    pace: _Pace,
) -> Registered:
    if not edge.targets:
        return Registered(edge.name, why=edge.why_empty, looked=False)
    tried: list[str] = []
    ours = True
    for target in edge.targets[:ADDRESSES_TRIED_MAX]:
        ends_at = asyncio.get_running_loop().time() + patience_s
        try:
            line = await open_line(target, ends_at, trust=trust, source=source)
        except LineDown as exc:
            tried.append(f"{target.place}: {exc}")
            ours = ours and exc.ours
            continue
        ours = False
        try:
            found = line.certificate.findings if line.certificate is not None else ()
            wrong = [one.value for one in found if one != "expires soon"]
            if wrong:
                tried.append(f"{target.place}: its certificate is {', '.join(wrong)}; nothing was said to it")
                continue
            outcome = await _Registering(line, target, edge.name, login, domain, patience_s, pace).run(expires_s)
        finally:
            line.close()
        if outcome.accepted or outcome.looked:
            return outcome
        tried.append(f"{target.place}: {outcome.why}")
    return Registered(edge.name, why="; ".join(tried), looked=not ours)


class _Registering:
    """One registration on one line."""

    def __init__(
        self, line: Line, target: Target, name: str, login: Login, domain: str, patience_s: float, pace: _Pace
    ) -> None:
        self._line, self._target, self._name, self._login, self._domain = line, target, name, login, domain
        self._patience_s, self._pace, self._took_s = patience_s, pace, 0.0
        self._talk = Talk(line)
        self._loop = asyncio.get_running_loop()
        self._tag, self._call_id = new_token(), f"{new_token()}@{AGENT_HOST}"
        self._sequence = 0
        self._may_be_in = False
        self._challenge: tuple[str, Challenge] | None = None
        self._nonce_count = 0

    async def run(self, expires_s: int) -> Registered:
        """Register, read back, take out again, also when it is interrupted in between."""
        removed: bool | None = None
        try:
            outcome = await self._try(expires_s)
        finally:
            if self._may_be_in:
                removed = await asyncio.shield(asyncio.ensure_future(self._take_out()))
        if not outcome.accepted and removed is False:
            why = f"{outcome.why}; it may stand all the same until it expires"
            outcome = msgspec.structs.replace(outcome, why=why)
        return msgspec.structs.replace(outcome, removed=removed)

    async def _try(self, expires_s: int) -> Registered:
        done = Registered(self._name, place=self._target.place)
        self._may_be_in = True
        try:
            final, why = await self._accepted(expires_s)
        except LineDown as exc:
            return msgspec.structs.replace(done, why=str(exc), looked=False)
        if final is None:
            return msgspec.structs.replace(done, why=why, looked=False)
        if final.code >= 300:
            self._may_be_in = False
            return msgspec.structs.replace(done, why=self._refusal(final))
        took_s, contacts, ours = self._took_s, _contacts(final), self._line.here.place
        with suppress(LineDown):
            if (asked := await self._send(None)) is not None and asked.code < 300:
                contacts = _contacts(asked)
        return msgspec.structs.replace(
            done, accepted=True, answer_s=took_s, expires_s=_granted(final, ours),
            algorithm=self._challenge[1].algorithm if self._challenge else "",
            contacts=tuple(uri for uri, _ in contacts[:CONTACTS_SHOWN_MAX]),
            seen=any(f"@{ours}" in uri for uri, _ in contacts),
        )  # fmt: skip

    async def _take_out(self) -> bool:
        """Whether our binding is out."""
        with suppress(LineDown):
            final = await self._with_credentials(0)
            return final is not None and final.code < 300
        return False

    async def _accepted(self, expires_s: int) -> tuple[Response | None, str]:
        """The last answer to registering, or why there is none."""
        final = await self._with_credentials(expires_s)
        if final is not None and final.code == 423:
            wanted = final.headers.get("Min-Expires", "") or ""
            if wanted.isascii() and wanted.isdigit() and expires_s < int(wanted) <= EXPIRES_S_MAX:
                final = await self._with_credentials(int(wanted))
        return final, f"no answer to REGISTER within {self._patience_s:g} s"

    async def _with_credentials(self, expires_s: int) -> Response | None:
        """Send, and meet what is asked for: once, or once more if only the nonce was old."""
        fresh = False  # Whether the nonce in use was given to this very request: some servers take each only once.
        final = await self._send(expires_s)
        for _ in range(ROUNDS_MAX):
            if final is not None and final.code == 503:
                wait_s = _seconds(final.headers.get("Retry-After"))
                if wait_s is None or wait_s > RETRY_AFTER_S_MAX:
                    break
                await asyncio.sleep(wait_s)
                final = await self._send(expires_s)
                continue
            if final is None or final.code not in _SHOWS:
                break
            challenge = _challenge(final)
            if challenge is None or (fresh and not challenge.stale):
                break
            fresh = True
            self._challenge, self._nonce_count = (_SHOWS[final.code][1], challenge), 0
            final = await self._send(expires_s)
        return final

    async def _send(self, expires_s: int | None) -> Response | None:
        await self._pace.turn()
        self._sequence += 1
        made = register(
            self._domain, self._login.user, self._line.here, token=new_token(), tag=self._tag, call_id=self._call_id,
            sequence=self._sequence, expires_s=expires_s, headers=self._credentials(),
        )  # fmt: skip
        asked = self._talk.ask(made)
        final = await self._talk.final(asked, asked.sent_at + self._patience_s)
        self._took_s = self._loop.time() - asked.sent_at
        return final

    def _credentials(self) -> tuple[tuple[str, str], ...]:
        if self._challenge is None:
            return ()
        header, challenge = self._challenge
        self._nonce_count += 1
        login = self._login
        made = answer(
            challenge, username=login.username or login.user, password=login.password, method="REGISTER",
            uri=f"sip:{self._domain}", cnonce=new_token(), nonce_count=self._nonce_count,
        )  # fmt: skip
        return ((header, made.header()),)

    def _refusal(self, final: Response) -> str:
        said = f"{final.code} {final.phrase}"
        if final.code in _SHOWS:
            if _challenge(final) is None:
                return f"{said}: what it asks for cannot be answered (Digest with MD5 or SHA-256 can)"
            return f"{said} to these credentials: the user, the password or the domain is wrong"
        if final.code == 423:
            return f"{said}: it wants at least {final.headers.get('Min-Expires') or 'an unnamed number of'} s"
        return said


def _challenge(final: Response) -> Challenge | None:
    """The first challenge that can be met (RFC 8760 section 2.4)."""
    for value in final.headers.getlist(_SHOWS[final.code][0]):
        with suppress(BadDigest):
            return read_challenge(value)
    return None


def _contacts(final: Response) -> list[tuple[str, int | None]]:
    """What is registered, and for how many seconds each; nothing if it cannot be read."""
    try:
        return [(str(one.uri), _seconds(one.parameters.get("expires"))) for one in final.contact]
    except (ValueError, TypeError, AttributeError):
        return []


def _granted(final: Response, ours: str) -> int | None:
    """For how long ours stands (RFC 3261 section 10.2.4): its own parameter, or the header."""
    for uri, seconds in _contacts(final):
        if f"@{ours}" in uri and seconds is not None:
            return seconds
    return _seconds(final.headers.get("Expires"))


def _seconds(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None
