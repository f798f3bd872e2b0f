"""The customer of the healthy account: its application, fallback, token services and pages, by host, in this process.

Webhooks are the sample application's, which checks signatures as the provider makes them. A fault lays another answer
over a host, or over one path of it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from urllib.parse import parse_qsl, urlsplit

import msgspec

from bench.readiness import declared
from bench.readiness import estate as has
from bench.readiness.outside import Beside
from voicedr.adapters.http.in_process import Handler, asgi_handler
from voicedr.ports.clock import Clock
from voicedr.runtime.sample_customer.app import create_app
from voicedr.runtime.sample_customer.settings import Role, Settings
from voicedr.runtime.tokens.access_token import Grant, SigningKey, mint
from voicedr.twin.world.model import World
from voicedr.wire.http import Request, Response

Instead = Callable[[Request, Handler, Clock], Awaitable[Response]]
"""An answer in place of the real one. It may ask the real one, and wait."""

TWIML = (("Content-Type", "text/xml"),)
JSON = (("Content-Type", "application/json"),)


class Customer:
    """Everything that the customer runs.

    Attributes:
        instead: A handler by host, or by host and path (``"app.example/voice"``), that answers in place of the real
            one. It is given the real one, too.
        knows: The Regions whose Auth Token each host knows.
        minting: What a token service puts into its tokens in place of what it should, by host.
    """

    def __init__(self, world: World, beside: Beside, clock: Clock, faults: CustomerFaults) -> None:
        self._world, self._beside, self._clock, self._faults = world, beside, clock, faults
        self._apps: dict[str, Handler] = {}
        roles: dict[str, tuple[Role, str]] = {
            has.APP["us1"]: ("primary", "us1"),
            has.APP["ie1"]: ("standby", "ie1"),
            has.FALLBACK: ("fallback", "none"),
            has.RECOVERY: ("fallback", "none"),
        }
        for host, (role, region) in roles.items():
            tokens = {one: world.regions[one].auth_token for one in faults.knows.get(host, tuple(has.EDGES))}
            self._apps[host] = asgi_handler(create_app(Settings(role, region, role, tokens, self._now)))

    def handlers(self) -> Mapping[str, Handler]:
        """By host."""
        hosts = (*self._apps, *has.TOKENS, *has.INSTANCES, has.BOARDS, *has.HOSTED_HOST.values())
        hosts += tuple(self._faults.new_hosts)
        return {host: self._answering(host) for host in hosts}

    def _answering(self, host: str) -> Handler:
        async def answer(request: Request) -> Response:
            path = urlsplit(request.url).path
            # Who is dead is dead whatever one of the paths would say.
            instead = self._faults.instead.get(host) or self._faults.instead.get(f"{host}{path}")
            real = self._real(host)
            return await (real(request) if instead is None else instead(request, real, self._clock))

        return answer

    def _real(self, host: str) -> Handler:
        if host in self._apps:
            return self._apps[host]
        if host in has.TOKENS:
            return self._token
        if host in has.INSTANCES:
            return self._health
        if host == has.BOARDS:
            return _page
        return _hosted

    def _now(self) -> datetime:
        return self._clock.now()

    async def _health(self, request: Request) -> Response:
        try:
            context = msgspec.json.decode(self._beside.read_file(declared.CONTEXT))
        except (OSError, msgspec.DecodeError):
            context = {}
        host = urlsplit(request.url).netloc
        told = {"active_region": context.get("region"), "epoch": context.get("epoch"), "instance": host}
        return Response(200, JSON, msgspec.json.encode(told))

    async def _token(self, request: Request) -> Response:
        parts = urlsplit(request.url)
        wants_secret = parts.netloc == has.TOKENS[1] and not self._faults.open_tokens
        if wants_secret and request.header("Authorization") != "Bearer letmein":
            return Response(401, (), b"a bearer secret is wanted")
        asked = dict(parse_qsl(parts.query))
        how = self._faults.minting.get(parts.netloc, {})
        region = str(how.get("region", asked["region"]))
        key_of = str(how.get("key_of", region))
        application_of = str(how.get("application_of", region))
        sid = self._beside.secrets[f"KEY_{key_of.upper()}"]
        key = SigningKey(sid, str(how.get("secret", self._beside.secrets[f"SECRET_{key_of.upper()}"])))
        application = next(iter(self._world.regions[application_of].applications), None)
        push = declared.PUSH[str(how.get("push_of", region))]
        grant = Grant(str(how.get("account", self._world.account_sid)), region, asked["identity"], application, push)
        begins_s = int(self._clock.now().timestamp()) + int(str(how.get("ahead_s", 0)))
        token = mint(grant, key, now_s=begins_s, life_s=int(str(how.get("life_s", declared.TOKEN_LIFE_S))))
        return Response(200, JSON, msgspec.json.encode({"token": token}))


class CannotBeBoth(Exception):
    """Two faults want the same place to answer in two ways. There is no such world."""


class _Answers(dict[str, Instead]):
    def __setitem__(self, place: str, answer: Instead) -> None:
        if place in self:
            raise CannotBeBoth(f"{place} answers otherwise already")
        super().__setitem__(place, answer)


class CustomerFaults:
    """What is wrong at the customer's."""

    def __init__(self) -> None:
        self.instead: dict[str, Instead] = _Answers()
        self.knows: dict[str, tuple[str, ...]] = {}
        self.minting: dict[str, dict[str, object]] = {}
        self.new_hosts: set[str] = set()
        self.open_tokens = False
        """No token service wants a secret."""


async def _page(_request: Request) -> Response:
    return Response(200, (("Content-Type", "text/html"),), b"<p>a dashboard</p>")


async def _hosted(_request: Request) -> Response:
    return Response(200, TWIML, b"<Response><Say>We are sorry.</Say></Response>")
