"""Every fault has an effect that somebody notices; healed, it is gone; at a rate of 0 it never was."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from fault_probes import (
    APP,
    LEAVE,
    LINE_UP,
    MENU,
    N0,
    N1,
    N2,
    SBC1,
    T0,
    Probe,
    alerted,
    answered_by,
    at_address,
    at_once,
    body,
    call,
    page,
    quiet_page,
    recovering,
    region_of,
    resolved,
    rest,
    stage,
    standing,
    tunnelled,
    waited,
    written,
)
from voicedr.twin import faults

ROUTE = f"v2/PhoneNumbers/{N0}"
NUMBER = "A/IncomingPhoneNumbers/{n0}.json"
MOVE = {"VoiceRegion": "ie1"}

get_route = rest("GET", "routes", ROUTE)
move = rest("POST", "routes", ROUTE, MOVE)
moved = written("routes", ROUTE, MOVE, "voice_region")
renamed = written("api", NUMBER, {"FriendlyName": "New", "VoiceMethod": "GET"}, "friendly_name")
methods = written("api", NUMBER, {"FriendlyName": "New", "VoiceMethod": "GET"}, "voice_method")
get_number = body("GET", "api", NUMBER)
list_numbers = body("GET", "api", "A/IncomingPhoneNumbers.json")
first_page = body("GET", "api", "A/IncomingPhoneNumbers.json", {"PageSize": 1})
place = rest("POST", "api", "A/Calls.json", {"To": "+14155559999", "From": N0, "Twiml": "<Response/>"})
alerts = body("GET", "monitor", "v1/Alerts")
call_log = body("GET", "api", "A/Calls.json")


def second_page(world: Any) -> Any:
    """The page after the first."""
    token = "PA" + next(iter(world.numbers.values())).sid
    return rest("GET", "api", "A/IncomingPhoneNumbers.json", {"PageSize": 1, "Page": 1, "PageToken": token})(world)


def recordings(world: Any) -> Any:
    """The list of recordings."""
    return body("GET", "api", "A/Recordings.json")(world)


US1 = {"region": "us1"}

CASES: dict[str, tuple[dict[str, Any], Probe]] = {
    "account-suspended": ({}, call()),
    "alert-feed-late": ({"lag_s": 30}, alerts),
    "alert-feed-lost": (US1, alerts),
    "api-answer-lost": ({"product": "routes"}, moved),
    "api-answers-late": (US1, get_route),
    "api-clock-skew": ({"ahead_s": 90}, get_number),
    "api-concurrency-lowered": ({"requests_at_once": 2}, at_once(3)),
    "api-down": (US1, get_route),
    "api-empty-answer": ({}, get_number),
    "api-errors": ({"path": "*/IncomingPhoneNumbers/*"}, get_number),
    "api-field-lost": ({"field": "VoiceMethod"}, methods),
    "api-garbled": ({}, get_number),
    "api-gateway-page": ({"status": 502}, get_route),
    "api-list-incomplete": ({"share": 0.7}, list_numbers),
    "api-name-lost": ({}, tunnelled()),
    "api-paging-broken": ({}, second_page),
    "api-paging-loops": ({}, first_page),
    "api-rate-lowered": ({"requests_per_second": 2}, at_once(4)),
    "api-read-only": (US1, renamed),
    "api-refused": (US1, tunnelled()),
    "api-reset": ({"takes_effect": "yes"}, moved),
    "api-slow": ({"delay_s": "3"}, get_route),
    "api-stale-read": ({"lag_s": 10}, written("api", NUMBER, {"FriendlyName": "New"}, "friendly_name", 5)),
    "api-swallows": (US1, moved),
    "api-throttled": ({}, get_route),
    "api-tls-expired": ({}, tunnelled()),
    "api-write-ignored": ({}, renamed),
    "application-missing": ({**US1, "application": "Support"}, call(N1, "1")),
    "audio-lost": ({}, call(N1, "1")),
    "call-log-late": ({"lag_s": 30}, call_log),
    "call-setup-failing": (US1, call()),
    "call-setup-slow": ({}, call()),
    "caller-id-rejected": ({}, place),
    "calls-busy": ({}, call()),
    "calls-dropped": ({"after_s": 1}, call()),
    "cps-lowered": ({"calls_per_second": 0.5}, waited()),
    "credential-expires": ({"after_s": 10}, get_route),
    "credential-revoked": (US1, get_route),
    "dtmf-doubled": ({}, call(N1, "1")),
    "dtmf-lost": ({"number": N1}, call(N1, "1")),
    "edge-address-left-out": ({"edge": "ashburn"}, resolved("acme.pstn.twilio.com")),
    "edge-down": ({"edge": "ashburn"}, get_route),
    "edge-flapping": ({"edge": "ashburn", "down_s": 100, "up_s": 1}, get_route),
    "edge-name-lost": ({"edge": "dublin", "answer": "servfail"}, resolved("acme.pstn.dublin.twilio.com")),
    "fallback-url-cleared": ({**US1, "number": N0}, get_number),
    "geo-permission-denied": ({"numbers": "+1415*"}, place),
    "insights-late": ({"lag_s": 30}, body("GET", "insights", "v1/Voice/{call}/Summary")),
    "number-config-lost": ({**US1, "number": N0}, call()),
    "number-unreachable": ({"number": N0}, call()),
    "number-url-changed": ({**US1, "number": N0, "url": MENU}, call()),
    "one-way-audio-from-caller-lost": ({}, call(N1, "1")),
    "one-way-audio-to-caller-lost": ({}, call(N1, "1")),
    "origination-disabled": ({**US1, "trunk": "yard.pstn.twilio.com"}, call(N2)),
    "party-busy": ({"address": SBC1}, call(N2)),
    "party-down": ({"address": SBC1}, call(N2)),
    "party-slow": ({"address": SBC1}, call(N2)),
    "permission-denied": ({"product": "routes"}, move),
    "product-missing": ({"product": "routes"}, get_route),
    "propagation-partial": ({"rate": 1.0}, region_of()),
    "propagation-slow": ({}, region_of()),
    "propagation-stuck": ({}, region_of()),
    "recording-list-late": ({"lag_s": 30}, recordings),
    "queue-full": ({}, answered_by(LINE_UP)),
    "recording-lost": ({}, answered_by(LEAVE)),
    "recovery-url-cleared": ({**US1, "trunk": "yard.pstn.twilio.com"}, body("GET", "trunking", "v1/Trunks")),
    "recovery-url-dead": ({}, recovering()),
    "region-degraded": ({**US1, "mode": "503", "rate": 1}, get_route),
    "region-down": (US1, call()),
    "region-flapping": ({**US1, "down_s": 100, "up_s": 1}, call()),
    "region-slow": (US1, call()),
    "route-reverted": ({"name": N0, "region": "au1"}, standing()),
    "route-unset": ({}, get_route),
    "route-write-ignored": ({}, moved),
    "route-write-lost": ({}, moved),
    "route-write-needs-us1": ({}, rest("POST", "routes", ROUTE, MOVE, "ie1")),
    "route-write-refused": ({}, moved),
    "route-write-slow": ({}, move),
    "sbc-flapping": ({"address": SBC1, "down_s": 100, "up_s": 1}, call(N2)),
    "sbc-refusing": ({"address": SBC1, "sip_code": 503}, alerted(N2)),
    "sip-address-answers-503": ({"edge": "ashburn"}, at_address()),
    "sip-address-down": ({"number": "2"}, at_address("dublin", 2)),
    "sip-domain-missing": ({**US1, "domain": "lobby.sip.twilio.com"}, body("GET", "api", "A/SIP/Domains.json")),
    "sip-ringing-only": ({"response": "180"}, at_address()),
    "sip-slow": ({}, at_address()),
    "sip-tls-expired": ({"edge": "ashburn", "number": "1"}, at_address()),
    "stale-read": ({}, moved),
    "status-callback-lost": ({}, alerted()),
    "status-page-down": ({}, page),
    "status-page-false-alarm": ({"region": "ie1"}, quiet_page),
    "status-page-late": ({}, page),
    "status-page-lying": ({}, page),
    "trunk-missing": ({**US1, "trunk": "yard.pstn.twilio.com"}, call(N2)),
    "token-service-down": ({}, answered_by(APP)),
    "webhook-blocked": (US1, alerted()),
    "webhook-empty": ({"path": "/voice"}, call()),
    "webhook-flapping": ({"down_s": 100, "up_s": 1}, call()),
    "webhook-malformed-twiml": ({}, alerted()),
    "webhook-name-lost": ({"host": "app.*"}, alerted()),
    "webhook-redirect-loop": ({"path": "/voice"}, alerted()),
    "webhook-refuses-signature": (US1, alerted()),
    "webhook-reset": ({}, alerted()),
    "webhook-slow": ({}, call()),
    "webhook-tls-expired": ({}, alerted()),
    "webhook-tls-mismatch": ({}, alerted()),
    "webhook-too-large": ({}, alerted()),
    "webhook-truncated": ({}, alerted()),
    "webhook-unreachable": ({}, call()),
    "webhook-wrong-content": ({}, alerted()),
    "webhook-wrong-instructions": ({}, call()),
}

STAYS = {"route-reverted"}
"""Healing does not undo what it did."""


@pytest.mark.parametrize("name", sorted(set(CASES) | set(faults.kinds())))
def test_it_is_noticed_and_it_goes(name: str) -> None:
    """Whole, broken, healed, and over by its time: the second differs, and the others do not."""
    params, probe = CASES[name]
    world = stage()
    whole = probe(world)
    assert probe(world) == whole
    fault = faults.begin(world, name, params, T0)
    assert probe(world) != whole
    over = deepcopy(world)
    faults.end(world, fault.id, T0 + 1)
    if name in STAYS:
        return
    assert probe(world) == whole
    over.faults[fault.id].until = T0 + 2
    faults.expire(over, T0 + 3)
    assert (over.faults, probe(over)) == ({}, whole)


@pytest.mark.parametrize("name", sorted(faults.kinds()))
def test_at_a_rate_of_0_it_never_was(name: str) -> None:
    """The share is the same thing for every fault, and 0 is nothing; those that are all or nothing take no rate."""
    params, probe = CASES[name]
    world = stage()
    if "rate" not in [parameter.name for parameter in faults.kinds()[name].every_parameter]:
        with pytest.raises(faults.BadFault, match="has no parameter 'rate'"):
            faults.begin(world, name, {**params, "rate": 0}, T0)
        return
    whole = probe(world)
    faults.begin(world, name, {**params, "rate": 0}, T0)
    assert probe(world) == whole
