"""The provider's REST API: a request and the time in, an answer and orders out.

Order of events, as far as it shows: the request arrives and is counted; a fault may swallow or refuse it; too many at
once are refused; then who asks is checked, then what.
"""

from __future__ import annotations

import importlib
import pkgutil
from base64 import b64decode
from dataclasses import dataclass
from functools import cache, lru_cache
from hashlib import blake2b
from urllib.parse import unquote

from voicedr.twin import faults
from voicedr.twin.api import resources as resources_package
from voicedr.twin.api.answers import Refused, error, method_not_allowed, not_found, realm
from voicedr.twin.api.ask import Ask, Endpoint, Order
from voicedr.twin.api.audit import note_change
from voicedr.twin.api.broken import Broken
from voicedr.twin.api.hosts import SERVED_PRODUCTS, Host, read_host
from voicedr.twin.api.kept import Kept
from voicedr.twin.api.permitted import refuse_unpermitted
from voicedr.twin.api.traffic import Traffic
from voicedr.twin.faults.effects import RestEffect
from voicedr.twin.world.credentials import accepted
from voicedr.twin.world.model import World
from voicedr.wire.http import Failure, Request, Response


@dataclass(frozen=True, slots=True)
class Answer:
    """What comes back, when, and what has to be done besides."""

    response: Response | Broken
    orders: tuple[Order, ...] = ()
    delay_s: float = 0.0


def handle(world: World, request: Request, now: float, traffic: Traffic | None = None) -> Answer:
    """Answer one provider request and change the world as it asks.

    Args:
        traffic: The other requests that are under way, for the provider's limits; None if this one is alone.
    """
    name, path, query = split_url(request)
    host = read_host(name)
    if isinstance(host, Failure):
        return Answer(Broken(host))
    count = world.requests[host.name] = world.requests.get(host.name, 0) + 1
    authorization = request.header("authorization")
    user, secret = _basic(authorization) if authorization else ("", "")
    effect: RestEffect | None = None
    seen: faults.Rest | None = None
    if world.faults:
        faults.expire(world, now)
        seen = faults.Rest(
            host.name, host.product, host.edge, host.region, request.method, unquote(path), user, request.body, query
        )
        effect = faults.rest(world, seen, now)
    if effect is not None and not effect.executed:
        if effect.failure is not None:
            return Answer(Broken(effect.failure, effect.delay_s))
        if effect.response is not None:
            return Answer(_signed(world, host, effect.response, count, traffic), (), effect.delay_s)
    orders: list[Order] = []
    kept = None
    if seen is not None:

        def stands() -> Response:
            return _respond(world, host, Request("GET", request.url), path, "", (user, secret), now, None, [])

        faults.before(world, seen, stands, now)
        if effect is not None and effect.body is not None:
            request = Request(request.method, request.url, request.headers, effect.body)
        kept = Kept(world) if effect is not None and effect.undone else None
    response = _respond(world, host, request, path, query, (user, secret), now, traffic, orders)
    if kept is not None:
        kept.put_back(world)
        orders.clear()
    if seen is not None:
        response = faults.reply(world, seen, response, now)
    delay_s = faults.settings(world, host.region, now).answer_s
    if effect is not None:
        if effect.failure is not None:
            return Answer(Broken(effect.failure, effect.delay_s), tuple(orders))
        delay_s += effect.delay_s
    return Answer(_signed(world, host, response, count, traffic), tuple(orders), delay_s)


def tunnel(world: World, name: str, now: float) -> Failure | None:
    """How a connection to a host fails before a request can be sent; None if it is made. A failure is counted."""
    host = read_host(name)
    if isinstance(host, Failure):
        return host
    seen = faults.Rest(host.name, host.product, host.edge, host.region, "CONNECT", "", "")
    effect = faults.rest(world, seen, now)
    if effect is None or effect.failure is None:
        return None
    world.requests[host.name] = world.requests.get(host.name, 0) + 1
    return effect.failure


def split_url(request: Request) -> tuple[str, str, str]:
    """Host, path and query. The Host header counts more than the URL, which may be a local address."""
    rest = request.url.partition("://")[2]
    netloc, slash, path = rest.partition("/")
    path, _, query = (slash + path).partition("?")
    return request.header("host") or netloc, path or "/", query


def _respond(
    world: World,
    host: Host,
    request: Request,
    path: str,
    query: str,
    credential: tuple[str, str],
    now: float,
    traffic: Traffic | None,
    orders: list[Order],
) -> Response:
    try:
        if traffic is not None and traffic.over(
            faults.settings(world, host.region, now), now, routes=host.product == "routes"
        ):
            return error(429, 20429, "Too Many Requests")
        store = world.regions[host.region]
        if not accepted(world, store, *credential):
            return error(401, 20003, "Authenticate")
        if host.product not in SERVED_PRODUCTS:
            raise Refused(404, 20404, f"The twin does not serve {host.product}: {path} was not found")
        endpoint, ids = _find(world, host, path)
        if endpoint.us1_realm and host.region != "us1":
            raise realm(host.region)
        if endpoint.token_only and credential[0] != world.account_sid:
            return error(401, 20003, "Authenticate")
        method = endpoint.methods.get(request.method)
        if method is None or (request.method in endpoint.us1_only and host.region != "us1"):
            raise method_not_allowed(request.method)
        ask = Ask(world, store, host, now, request.method, path, query, request.body, credential[0], ids, orders)
        if traffic is not None:
            ask.queued_s = traffic.queued_s(host.region)
        refuse_unpermitted(store.keys.get(credential[0]), endpoint, request.method)
        response = method(ask)
        note_change(ask, endpoint, response)
        return response
    except Refused as refused:
        return error(refused.status, refused.code, refused.message)


def _find(world: World, host: Host, path: str) -> tuple[Endpoint, dict[str, str]]:
    # A plus in a path is a plus: only in forms and queries does it stand for a space.
    segments = unquote(path).strip("/").split("/")
    account: dict[str, str] = {}
    if host.product == "api" and segments == ["2010-04-01", "Accounts.json"]:
        version, rest = "Accounts", []
    elif host.product == "api":
        if len(segments) < 3 or segments[0] != "2010-04-01" or segments[1] != "Accounts":
            raise not_found(path)
        plain = not segments[-1].endswith(".json")
        if plain and segments[3:-1] != ["Recordings"]:
            raise Refused(404, 20404, f"The twin answers in JSON only: add .json to {path}")
        segments[-1] = segments[-1] if plain else segments[-1][:-5]
        if segments[2] != world.account_sid:
            if len(segments) > 3 or segments[2] not in world.regions["us1"].holdings.subaccounts:
                raise not_found(path)
            account = {"account": segments[2]}
        version, rest = "media" if plain else "2010-04-01", segments[3:]
    else:
        version, rest = segments[0], segments[1:]
    for endpoint, pattern in _endpoints().get((host.product, version, len(rest)), ()):
        ids = dict(account)
        for wanted, segment in zip(pattern, rest, strict=True):
            if wanted[0] == "{":
                ids[wanted[1:-1]] = segment
            elif wanted != segment:
                break
        else:
            return endpoint, ids
    raise not_found(path)


@cache
def _endpoints() -> dict[tuple[str, str, int], list[tuple[Endpoint, tuple[str, ...]]]]:
    """Every endpoint, by product, version and number of segments. Found by being there: one file a resource."""
    found: dict[tuple[str, str, int], list[tuple[Endpoint, tuple[str, ...]]]] = {}
    for module in pkgutil.iter_modules(resources_package.__path__):
        for endpoint in importlib.import_module(f"{resources_package.__name__}.{module.name}").endpoints:
            pattern = tuple(endpoint.path.split("/")) if endpoint.path else ()
            found.setdefault((endpoint.product, endpoint.version, len(pattern)), []).append((endpoint, pattern))
    return found


@lru_cache(maxsize=1024)
def _basic(authorization: str) -> tuple[str, str]:
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        user, _, secret = b64decode(encoded.strip(), validate=True).decode().partition(":")
    except ValueError:
        return "", ""
    return user, secret


def _signed(world: World, host: Host, response: Response, count: int, traffic: Traffic | None) -> Response:
    request_id = blake2b(f"{world.seed}:RQ:{host.name}:{count}".encode(), digest_size=16).hexdigest()
    headers = (
        *response.headers,
        ("Twilio-Request-Id", "RQ" + request_id),
        ("Twilio-Request-Duration", f"{world.settings.answer_s:.3f}"),
        ("Twilio-Concurrent-Requests", str(traffic.at_once if traffic is not None else 1)),
        ("X-Home-Region", host.region),
        ("X-Api-Domain", host.name),
    )
    return Response(response.status, headers, response.body)
