"""What the control API can do. The OpenAPI document is made from this table, so it says the same."""

from __future__ import annotations

from dataclasses import asdict
from itertools import islice
from typing import Any

from voicedr.twin import faults
from voicedr.twin.api.hosts import Host, read_host
from voicedr.twin.calls.commands import Registration
from voicedr.twin.calls.exchanges import ExchangeShown
from voicedr.twin.calls.load import Load
from voicedr.twin.control import scenarios
from voicedr.twin.control.access import ClientShown, show_client
from voicedr.twin.control.glance import Glance, glance
from voicedr.twin.control.operation import Call, Operation, Wrong, shown
from voicedr.twin.control.shapes import (
    CallFollowed,
    CallShown,
    DialBody,
    FaultShown,
    LoadBody,
    MessageBody,
    MessageShown,
    RouteShown,
    TallyShown,
    TokenBody,
    TokenShown,
    follow_call,
    show_call,
    show_message,
    show_route,
)
from voicedr.twin.control.status_page import StatusPageShown, status_page
from voicedr.twin.control.tally import calls_since, tally
from voicedr.twin.world.access_tokens import check_token
from voicedr.twin.world.model import REGIONS, Alert, Settings
from voicedr.twin.world.settings import BadSetting, change_settings, vars_of
from voicedr.twin.world.state import as_json
from voicedr.wire.http import Response

CALLS_SHOWN_MAX = 10_000
"""The most calls in one answer; older ones are asked for with ``until``."""


async def health(call: Call) -> Response:
    """The twin answers."""
    return shown({"ready": True})


async def dial(call: Call) -> Response:
    """The public network places a call."""
    asked = call.read(DialBody)
    placed = call.switchboard.dial(asked.from_, asked.to, asked.caller.caller(), synthetic=asked.synthetic)
    if call.query.get("wait") in ("1", "true"):
        placed = await call.switchboard.ended(placed.id)
    return shown(show_call(placed), 201)


async def calls(call: Call) -> Response:
    """Calls in the order of dialling."""
    until = call.number("until", float("inf"))
    # A plus that was not encoded arrives as a space, and no number begins with one.
    to = call.query["to"].replace(" ", "+") if "to" in call.query else None
    found = (c for c in calls_since(call.world, call.number("since", 0.0), to) if c.dialled_at < until)
    newest = [show_call(c) for c in islice(found, CALLS_SHOWN_MAX + 1)]
    return shown({"calls": newest[CALLS_SHOWN_MAX - 1 :: -1], "more": len(newest) > CALLS_SHOWN_MAX})


async def one_call(call: Call) -> Response:
    """One call."""
    found = call.world.network_calls.get(call.ids["id"])
    if found is None:
        raise Wrong(404, f"there is no call {call.ids['id']}; GET /_twin/calls lists them")
    return shown(follow_call(call.world, found))


async def send_message(call: Call) -> Response:
    """Somebody sends a text message."""
    asked = call.read(MessageBody)
    return shown(show_message(await call.switchboard.message(asked.from_, asked.to, asked.body)), 201)


async def tally_(call: Call) -> Response:
    """How calls went."""
    return shown(tally(call.world, call.number("since", 0.0)))


async def start_load(call: Call) -> Response:
    """Calls begin to arrive."""
    asked = call.read(LoadBody)
    numbers = tuple(call.world.numbers) if isinstance(asked.numbers, str) else asked.numbers
    try:
        load = Load(
            asked.calls_per_second, numbers, asked.duration_s, asked.caller.caller(), from_prefix=asked.from_prefix
        )
        load_id = call.switchboard.start_load(load)
    except ValueError as exc:
        raise Wrong(400, str(exc)) from exc
    return shown({"id": load_id}, 201)


async def loads(call: Call) -> Response:
    """Loads that run."""
    return shown({"loads": call.switchboard.loads()})


async def stop_load(call: Call) -> Response:
    """No more calls of this load; those that last go on."""
    if call.ids["id"] not in call.switchboard.loads():
        raise Wrong(404, f"there is no load {call.ids['id']}; GET /_twin/load lists them")
    call.switchboard.stop_load(call.ids["id"])
    return Response(204)


async def break_(call: Call) -> Response:
    """Something breaks."""
    asked = call.read(dict[str, Any])
    name, for_s = asked.pop("fault", None), asked.pop("for_s", None)
    if not isinstance(name, str):
        raise Wrong(400, f"fault is {name!r}; give one of {', '.join(sorted(faults.kinds()))}. Nothing was broken.")
    faults.expire(call.world, call.now)
    try:
        return shown(faults.begin(call.world, name, asked, call.now, for_s), 201)
    except faults.BadFault as exc:
        raise Wrong(400, str(exc)) from exc


async def broken(call: Call) -> Response:
    """What is broken now."""
    faults.expire(call.world, call.now)
    return shown({"faults": list(call.world.faults.values())})


async def heal(call: Call) -> Response:
    """One thing works again."""
    if faults.end(call.world, call.ids["id"], call.now) is None:
        raise Wrong(404, f"there is no fault {call.ids['id']}; GET /_twin/faults lists them")
    return Response(204)


async def heal_all(call: Call) -> Response:
    """Everything works again."""
    for fault_id in list(call.world.faults):
        faults.end(call.world, fault_id, call.now)
    return Response(204)


async def menu(call: Call) -> Response:
    """What can be broken, and how."""
    return shown(
        {
            name: {
                "area": kind.area,
                "meaning": faults.meanings()[name],
                "parameters": [asdict(p) for p in kind.every_parameter],
            }
            for name, kind in sorted(faults.kinds().items())
        }
    )


async def provider_status_page(call: Call) -> Response:
    """The provider's status page."""
    page = status_page(call.world, call.now)
    if page is None:
        raise Wrong(503, "the status page cannot be read: a fault keeps it from you; GET /_twin/faults lists them")
    return shown(page)


async def requests(call: Call) -> Response:
    """Provider API requests that arrived, also those that a fault refused or swallowed."""
    by_region = dict.fromkeys(REGIONS, 0)
    for name, count in call.world.requests.items():
        host = read_host(name)
        if isinstance(host, Host):
            by_region[host.region] += count
    return shown({"by_host": call.world.requests, "by_region": by_region})


async def routes(call: Call) -> Response:
    """Every route that was ever set."""
    return shown({"routes": [show_route(entry, call.now) for entry in call.world.routes.values()]})


async def one_route(call: Call) -> Response:
    """One route."""
    kind, name = call.ids["kind"], call.ids["name"]
    found = next((e for key, e in call.world.routes.items() if key == (kind, name)), None)
    if found is None:
        raise Wrong(404, f"the route {kind}/{name} was never set; GET /_twin/routes lists those that were")
    return shown(show_route(found, call.now))


async def settings(call: Call) -> Response:
    """Every setting."""
    return shown(vars_of(call.world.settings))


async def set_settings(call: Call) -> Response:
    """Change the settings that are named."""
    try:
        change_settings(call.world.settings, call.read(dict[str, Any]))
    except BadSetting as exc:
        raise Wrong(400, str(exc)) from exc
    return shown(vars_of(call.world.settings))


async def state(call: Call) -> Response:
    """The whole state: what ``voicedr twin up --state`` keeps."""
    return Response(200, (("Content-Type", "application/json"),), as_json(call.world))


async def alerts(call: Call) -> Response:
    """A Region's alerts, or every Region's."""
    wanted = call.query.get("region")
    if wanted is not None and wanted not in REGIONS:
        raise Wrong(400, f"region is {wanted!r}; give one of {', '.join(REGIONS)}")
    found = {region: store.alerts for region, store in call.world.regions.items() if wanted in (None, region)}
    return shown({"alerts": [{"region": region, **asdict(alert)} for region, of in found.items() for alert in of]})


async def registrations(call: Call) -> Response:
    """SIP devices that are registered; none without real SIP."""
    sip = call.switchboard.look().sip
    return shown({"registrations": sip.registrations() if sip is not None else []})


async def glance_(call: Call) -> Response:
    """The twin at a glance."""
    faults.expire(call.world, call.now)
    return shown(glance(call.world, call.switchboard, call.now))


async def webhooks(call: Call) -> Response:
    """The last webhooks."""
    return shown({"webhooks": call.switchboard.exchanges.newest(call.number("after", 0))})


async def check_token_(call: Call) -> Response:
    """What the provider would answer to a Voice SDK's access token."""
    verdict = check_token(call.world, call.read(TokenBody).token, call.now)
    return shown(TokenShown(verdict.accepted, verdict.code, verdict.message, verdict.region, verdict.identity))


async def client(call: Call) -> Response:
    """How an official client reaches it."""
    if call.access is None:
        raise Wrong(404, "this twin runs without sockets; a client reaches the one that `voicedr twin up` starts")
    return shown(show_client(call.world, call.access))


_SINCE = "Seconds since the epoch; only calls dialled then or later."

OPERATIONS: tuple[Operation, ...] = (
    Operation("GET", "/_twin/health", "The twin answers", health, answer=dict[str, bool]),
    Operation(
        "POST", "/_twin/calls", "Place a call from the public network", dial, 201,
        {"wait": "1 to be answered when the call has ended"}, DialBody, CallShown,
    ),
    Operation(
        "GET", "/_twin/calls", "Calls in the order of dialling, at most the newest 10,000", calls,
        query={"since": _SINCE, "until": "Seconds since the epoch; only calls dialled before.", "to": "E.164"},
        answer=dict[str, list[CallShown] | bool],
    ),
    Operation("GET", "/_twin/calls/{id}", "One call, with every attempt at its webhooks", one_call,
              answer=CallFollowed),
    Operation("POST", "/_twin/messages", "Let a text message arrive; answered when it has been dealt with",
              send_message, 201, body=MessageBody, answer=MessageShown),
    Operation("GET", "/_twin/tally", "How calls went", tally_, query={"since": _SINCE}, answer=TallyShown),
    Operation("POST", "/_twin/load", "Let calls arrive", start_load, 201, body=LoadBody, answer=dict[str, str]),
    Operation("GET", "/_twin/load", "Loads that run", loads),
    Operation("DELETE", "/_twin/load/{id}", "Stop a load", stop_load, 204),
    Operation(
        "POST", "/_twin/faults", "Break something: fault, its parameters, and for_s", break_, 201,
        body=dict[str, Any], answer=FaultShown,
    ),
    Operation("GET", "/_twin/faults", "What is broken now", broken, answer=dict[str, list[FaultShown]]),
    Operation("DELETE", "/_twin/faults", "Heal everything", heal_all, 204),
    Operation("DELETE", "/_twin/faults/{id}", "Heal one thing", heal, 204),
    Operation("POST", "/_twin/scenarios", "Play a scenario: name, or text, or title and steps", scenarios.begin, 201,
              body=dict[str, Any], answer=scenarios.PerformanceShown),
    Operation("GET", "/_twin/scenarios", "Scenarios that were begun, and those that come with the twin",
              scenarios.scenarios, answer=scenarios.ScenariosShown),
    Operation("GET", "/_twin/scenarios/{id}", "One scenario and the steps it has taken", scenarios.one_scenario,
              answer=scenarios.PerformanceShown),
    Operation("DELETE", "/_twin/scenarios/{id}", "Stop a scenario, heal what it broke, stop its loads",
              scenarios.stop_scenario, 204),
    Operation("GET", "/_twin/status_page", "The provider's status page; 503 if it cannot be read", provider_status_page,
              answer=StatusPageShown),
    Operation("GET", "/_twin/menu", "What can be broken, and how", menu),
    Operation("GET", "/_twin/requests", "Provider API requests that arrived, by host and by Region", requests,
              answer=dict[str, dict[str, int]]),
    Operation("GET", "/_twin/routes", "Every route that was ever set", routes, answer=dict[str, list[RouteShown]]),
    Operation("GET", "/_twin/routes/{kind}/{name}", "One route", one_route, answer=RouteShown),
    Operation("GET", "/_twin/settings", "Every setting", settings, answer=Settings),
    Operation("PATCH", "/_twin/settings", "Change settings", set_settings, body=dict[str, Any], answer=Settings),
    Operation("GET", "/_twin/state", "The whole state", state),
    Operation("GET", "/_twin/alerts", "Alerts of a Region or of all", alerts, query={"region": "us1, ie1 or au1"},
              answer=dict[str, list[Alert]]),
    Operation("GET", "/_twin/registrations", "SIP devices that are registered, with real SIP", registrations,
              answer=dict[str, list[Registration]]),
    Operation("GET", "/_twin/glance", "Calls, routes and faults at a glance: what the panel shows", glance_,
              answer=Glance),
    Operation("GET", "/_twin/webhooks", "The last 200 attempts at webhooks, newest first", webhooks,
              query={"after": "Only those that ended after the one with this id."},
              answer=dict[str, list[ExchangeShown]]),
    Operation("POST", "/_twin/token", "What the provider would answer to a Voice SDK's access token", check_token_,
              body=TokenBody, answer=TokenShown),
    Operation("GET", "/_twin/client", "How an official client reaches the twin: proxy, authority, credentials", client,
              answer=ClientShown),
)  # fmt: skip
