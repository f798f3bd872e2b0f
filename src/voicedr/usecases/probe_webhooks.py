"""Ask webhooks for TwiML as the provider would, with a test request that belongs to no call.

The request has the provider's parameters, a CallSid of zeros and our own User-Agent, and a signature where the Auth
Token is at hand. It is sent from this machine, not from the provider's edges, and each observation says so.
"""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping
from urllib.parse import urljoin, urlsplit, urlunsplit

from voicedr.ports.clock import Clock
from voicedr.ports.http import NoResponse, NotDelivered, Request, Response, Send, Timeouts
from voicedr.program.readiness.facts import Fact, Observed, Unobserved
from voicedr.program.readiness.resources import Hop, WebhookAnswer
from voicedr.program.readiness.subjects import Webhook
from voicedr.program.readiness.urls import host_of, shown, without_fragment
from voicedr.program.vocabulary import Region
from voicedr.wire.addresses import names_no_public_host
from voicedr.wire.http import form_request
from voicedr.wire.signatures import HEADER
from voicedr.wire.twiml import BODY_BYTES_MAX, Document, TwimlError, parse

Signer = Callable[[str, Mapping[str, str], Region], str | None]
"""The ``X-Twilio-Signature`` of a request (its URL, its form) as that Region would sign it; None without its token."""

Progress = Callable[[str, int, int], None]
"""Told what is being done, how many are done, and of how many."""

BUDGET_S = 15.0
"""The provider waits so long for an answer, connecting and redirects included.
Source: https://www.twilio.com/docs/api/errors/11205 (read 2026-11-21)."""

CONNECT_S = 10.0
"""Two attempts of 5 s each. Source: https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides."""

REDIRECTS_MAX = 10
"""Source: https://www.twilio.com/docs/api/errors/11215 (read 2026-11-21)."""

AT_ONCE_MAX = 16
"""Enough to be quick, and too few to be a load on anybody's application."""

URLS_MAX = 200
"""More distinct URLs are not asked in one reading: at 15 s each and 16 at once they end after about three minutes."""

CALL_SID = "CA" + "0" * 32
CALLER = "+15005550006"
"""The provider's own test number: no telephone has it.
Source: https://www.twilio.com/docs/iam/test-credentials (read 2026-11-21)."""

USER_AGENT = "voicedr-readiness"


async def probe_webhooks(
    webhooks: Iterable[Webhook],
    account_sid: str,
    send: Send,
    clock: Clock,
    *,
    signer: Signer | None = None,
    progress: Progress | None = None,
) -> dict[str, Fact[WebhookAnswer]]:
    """Ask each URL once, as its first webhook in the given order would be asked. Never raises for a dead webhook.

    Returns:
        By URL as stored. If none of several hosts could even be reached, the fault may be on our side, so nobody
        knows; likewise if a request that could not be signed was refused as unauthorised.
    """
    first: dict[str, Webhook] = {}
    for webhook in webhooks:
        if webhook.url:
            first.setdefault(webhook.url, webhook)
    asked = list(first.values())[:URLS_MAX]
    facts: dict[str, Fact[WebhookAnswer]] = {
        url: Unobserved(f"not asked: one reading asks at most {URLS_MAX} URLs, and the flows have {len(first)}")
        for url in first
    }
    dark: set[str] = set()
    waiting = iter(asked)
    done = 0

    async def work() -> None:
        nonlocal done
        for webhook in waiting:
            probe = _Probe(webhook, account_sid, send, clock, signer)
            facts[webhook.url] = await probe.ask()
            if not probe.reached:
                dark.add(webhook.url)
            done += 1
            if progress is not None:
                progress("webhooks", done, len(asked))

    async with asyncio.TaskGroup() as group:
        for _ in range(min(AT_ONCE_MAX, len(asked))):
            group.create_task(work())
    hosts = {host_of(url) for url in dark}
    if len(dark) == len(asked) and len(hosts) > 1:
        for url in dark:
            facts[url] = Unobserved(
                f"none of {len(asked)} webhooks on {len(hosts)} hosts could be reached from this machine: is it online?"
            )
    return facts


async def ask_webhook(
    webhook: Webhook,
    account_sid: str,
    send: Send,
    clock: Clock,
    signer: Signer | None,
    *,
    told: bool = True,
    forged: bool = False,
) -> Fact[WebhookAnswer]:
    """Ask one webhook once. Never raises for a dead one.

    Args:
        told: Whether a fallback is told what failed.
        forged: Send a signature that no token makes, in place of the real one.
    """
    return await _Probe(webhook, account_sid, send, clock, signer, told=told, forged=forged).ask()


FORGED_SIGNATURE = b64encode(bytes(20)).decode()
"""As long as an HMAC-SHA1, and nobody's: a real one is all zeros once in 2^160."""


class _Probe:
    """One webhook, asked once. ``reached`` is False if no byte of ours reached anybody."""

    def __init__(
        self,
        webhook: Webhook,
        account_sid: str,
        send: Send,
        clock: Clock,
        signer: Signer | None,
        *,
        told: bool = True,
        forged: bool = False,
    ) -> None:
        self.reached = True
        self._last_url = webhook.url
        self._webhook = webhook
        self._send = send
        self._clock = clock
        self._signer = signer
        self._forged = forged
        self._signed = False
        self._hops: list[Hop] = []
        self._fields = {
            "CallSid": CALL_SID,
            "AccountSid": account_sid,
            "From": CALLER,
            "To": webhook.called,
            "CallStatus": "ringing",
            "ApiVersion": "2010-04-01",
            "Direction": "inbound",
        }
        if webhook.role == "fallback URL" and told:
            self._fields |= {"ErrorCode": "11200", "ErrorUrl": shown(webhook.instead_of or "")}

    async def ask(self) -> Fact[WebhookAnswer]:
        webhook = self._webhook
        method = "GET" if webhook.method.upper() == "GET" else "POST"
        source = f"{method} {shown(without_fragment(webhook.url))} from this machine"
        scheme = webhook.url.partition(":")[0].lower()
        if scheme not in {"http", "https"} or host_of(webhook.url) is None:
            return self._answer(None, 0.0, source, "is not an absolute http or https URL")
        started_s = self._clock.monotonic_s()
        try:
            response = await self._exchange(method, without_fragment(webhook.url), started_s)
        except NoResponse as exc:
            self.reached = not isinstance(exc, NotDelivered)
            seconds = self._clock.monotonic_s() - started_s
            return self._answer(None, seconds, source, f"did not answer: {exc.failure.value} after {seconds:.1f} s")
        seconds = self._clock.monotonic_s() - started_s
        if response.status in {401, 403} and not self._signed and not self._forged:
            return Unobserved(
                f"it answered {response.status} to a request without a signature. Give the reference of"
                f" {webhook.region}'s Auth Token, so that the request can be signed"
            )
        return self._judged(response, seconds, source)

    async def _exchange(self, method: str, url: str, started_s: float) -> Response:
        """One request and the redirects after it, within the budget."""
        # Whoever names a host of this network may ask it; whoever answers from outside may not send us there.
        at_home = names_no_public_host(host_of(url) or "")
        for hop in range(REDIRECTS_MAX + 1):
            left_s = BUDGET_S - (self._clock.monotonic_s() - started_s)
            timeouts = Timeouts(min(CONNECT_S, max(left_s, 0.1)), max(left_s, 0.1), BODY_BYTES_MAX)
            request = self._request(method, url, public_only=hop > 0 and not at_home)
            response = await self._send(request, timeouts)
            self._last_url = url
            target = response.header("Location")
            if response.status not in {301, 302, 303, 307, 308} or target is None:
                return response
            try:
                url = without_fragment(urljoin(url, target))
                host = host_of(url) if urlsplit(url).scheme in {"http", "https"} else None
            except ValueError:
                host = None
            if host is None:
                return response
            self._hops.append(Hop(response.status, host))
            if not at_home and names_no_public_host(host):
                return response
            if response.status not in {307, 308}:
                # Which method follows a 301 or 302 is not documented; this is what browsers do.
                method = "GET"
        return response

    def _request(self, method: str, url: str, *, public_only: bool) -> Request:
        bare, authorization = _without_password(url)
        request = form_request(method, bare, self._fields)
        headers = [*request.headers, ("User-Agent", USER_AGENT), ("Accept", "*/*")]
        if authorization is not None:
            headers.append(("Authorization", authorization))
        if self._forged:
            headers.append((HEADER, FORGED_SIGNATURE))
        elif self._signer is not None:
            signature = self._signer(request.url, self._fields if method == "POST" else {}, self._webhook.region)
            if signature is not None:
                self._signed = True
                headers.append((HEADER, signature))
        return Request(request.method, request.url, tuple(headers), request.body, public_only=public_only)

    def _judged(self, response: Response, seconds: float, source: str) -> Fact[WebhookAnswer]:
        if 300 <= response.status < 400:
            return self._answer(response.status, seconds, source, f"redirects ({response.status}) to nowhere useful")
        if response.status in {401, 403}:
            why = f"answered {response.status} to a request signed as {self._webhook.region} signs"
            return self._answer(response.status, seconds, source, why)
        if response.status >= 400:
            return self._answer(response.status, seconds, source, f"answered {response.status}")
        if seconds > BUDGET_S:
            return self._answer(response.status, seconds, source, f"took {seconds:.1f} s of at most {BUDGET_S:g} s")
        try:
            document = parse(response.body, response.header("Content-Type"))
        except TwimlError as exc:
            return self._answer(response.status, seconds, source, f"gave no TwiML ({exc.code}): {exc.message}")
        verbs = tuple(dict.fromkeys(document.verbs))
        needs = hosts_needed(document, self._last_url)
        return self._answer(response.status, seconds, source, None, verbs, needs)

    def _answer(
        self,
        status: int | None,
        seconds: float,
        source: str,
        problem: str | None,
        verbs: tuple[str, ...] = (),
        needs: tuple[str, ...] = (),
    ) -> Fact[WebhookAnswer]:
        answer = WebhookAnswer(
            self._webhook.url,
            status,
            round(seconds, 3),
            verbs,
            problem,
            tuple(self._hops),
            needs,
            self._webhook.region if self._signed else None,
            "ErrorCode" in self._fields,
        )
        return Observed(answer, self._clock.now(), source)


def hosts_needed(document: Document, base: str) -> tuple[str, ...]:
    """The hosts that a call goes on with after this document, each once: redirects, sounds, and next steps.

    A status callback is not among them: nobody hears when it fails.
    """
    found: dict[str, None] = {}
    for _, element in document.root.walk():
        urls = [element.get(name) for name in ("action", "url", "waitUrl", "referUrl")]
        if element.name in ("Redirect", "Play"):
            urls.append(element.text)
        for url in urls:
            try:
                host = host_of(urljoin(base, url)) if url else None
            except ValueError:
                host = None
            if host is not None:
                found[host] = None
    return tuple(found)


def _without_password(url: str) -> tuple[str, str | None]:
    """The URL without ``user:password@``, and the header that says it instead. The provider first asks without and
    repeats with it after a 401; what counts here is the answer."""
    parts = urlsplit(url)
    if "@" not in parts.netloc:
        return url, None
    user, _, host = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=host)), f"Basic {b64encode(user.encode()).decode()}"
