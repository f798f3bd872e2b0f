"""Ways to look at a twin from outside: one request, one call, one message, one page. Each leaves the world as it was.

A probe gives something that compares: what a client, a caller or an operator would notice, without ids.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from typing import Any

from asking_the_twin import Client
from switchboard_scene import Scene, play, twiml
from voicedr.testing.virtual_time import START
from voicedr.twin import faults
from voicedr.twin.api.broken import Broken
from voicedr.twin.api.handle import tunnel
from voicedr.twin.api.traffic import Traffic
from voicedr.twin.calls.caller import Caller
from voicedr.twin.calls.orders import Instructions
from voicedr.twin.control.status_page import status_page
from voicedr.twin.sip.names import Places, resolve
from voicedr.twin.world.account import world_from_account
from voicedr.twin.world.model import EDGES, Alert, Call, Party, Recording, World
from voicedr.twin.world.routes import effective_region
from voicedr.wire.http import Response

T0 = START.timestamp()
N0, N1, N2 = "+14155550100", "+14155550101", "+14155550102"
VOICE, MENU, PICKED, SPARE = (f"https://app.example/{path}" for path in ("voice", "menu", "picked", "spare"))
STATUS, RECOVERY, CONNECT = (f"https://app.example/{path}" for path in ("status", "recovery", "connect"))
LEAVE, LEFT, LINE_UP, LINED_UP = (f"https://app.example/{path}" for path in ("leave", "left", "line-up", "lined-up"))
FALLBACK = "https://spare.example/voice"
APP = "https://app.example/app"
SBC1, SBC2 = "sip:sbc1.acme.example", "sip:sbc2.acme.example"

Probe = Callable[[World], Any]

ANSWERS = {
    VOICE: twiml("<Say>Welcome to the line</Say>"),
    FALLBACK: twiml("<Say>Please call later</Say>"),
    MENU: twiml(f"<Gather numDigits='2' action='{PICKED}' timeout='2'><Say>Choose</Say></Gather><Say>Nothing</Say>"),
    PICKED: lambda request, fields: twiml(f"<Say>You chose {fields.get('Digits', '')}</Say>"),
    RECOVERY: twiml("<Say>The office is closed</Say>"),
    LEAVE: twiml(f"<Record action='{LEFT}' timeout='1'/>"),
    LEFT: lambda request, fields: twiml(f"<Say>{fields.get('RecordingDuration', '')} seconds</Say>"),
    LINE_UP: twiml(f"<Enqueue action='{LINED_UP}'>support</Enqueue>"),
    LINED_UP: lambda request, fields: twiml(f"<Say>{fields['QueueResult']}</Say>"),
    APP: twiml("<Dial timeout='5'><Client>jane</Client></Dial><Say>Nobody is there</Say>"),
    CONNECT: twiml("<Dial timeout='5'>+14155559999</Dial><Say>Nobody is there</Say>"),
}


def stage() -> World:
    """N0 has an application's URLs, N1 a TwiML App, N2 a trunk; all in us1 and in ie1, routed to us1."""
    voice = {"voice_url": VOICE, "voice_fallback_url": FALLBACK, "status_callback": STATUS}
    targets = [{"sip_url": url, "priority": at, "weight": 1} for at, url in enumerate((SBC1, SBC2), 1)]
    trunk = {
        "friendly_name": "Yard",
        "domain_name": "yard.pstn.twilio.com",
        "auth_type": "IP_ACL",
        "disaster_recovery_url": RECOVERY,
        "origination_urls": targets,
    }
    domain = {"domain_name": "lobby.sip.twilio.com", "voice_url": VOICE, "auth_type": "IP_ACL"}
    both = ("us1", "ie1")
    world = world_from_account(
        {
            "settings": {"propagation_s": [2, 6], "calls_per_second": 10},
            "applications": {region: [{"friendly_name": "Support", "voice_url": MENU}] for region in both},
            "trunks": {region: [trunk] for region in both},
            "sip_domains": {region: [domain] for region in both},
            "numbers": [
                {"e164": N0, "friendly_name": "Line 0", "route": "us1", "voice": dict.fromkeys(both, voice)},
                {
                    "e164": N1,
                    "friendly_name": "Line 1",
                    "route": "us1",
                    "voice": {region: {"application": "Support"} for region in both},
                },
                {
                    "e164": N2,
                    "friendly_name": "Line 2",
                    "route": "us1",
                    "voice": {region: {"trunk": "Yard"} for region in both},
                },
            ],
        },
        7,
        T0 - 1000,
    )
    store = world.regions["us1"]
    for age_s in (50.0, 5.0):
        sid = world.mint("CA")
        at = T0 + 60 - age_s
        store.calls[sid] = Call(sid, "+16465550001", N0, "inbound", "completed", at, at, at + 2, at)
        recording = Recording(world.mint("RE"), sid, "RecordVerb", at, at, "completed", duration_s=2)
        store.recordings[recording.sid] = recording
        store.alerts.append(Alert(world.mint("NO"), "11200", "error", sid, VOICE, "POST", "no answer", at))
    return world


def rest(method: str, product: str, path: str, fields: Any = None, region: str = "us1") -> Probe:
    """One request: how it broke, or its status, code and how late it is."""

    def look(world: World) -> Any:
        client = _client(deepcopy(world), region)
        return _seen(client.answer(method, product, path.format(**_ids(world)), fields))

    return look


def body(method: str, product: str, path: str, fields: Any = None, region: str = "us1") -> Probe:
    """The bytes that a request brings, of a world that mints nothing meanwhile."""

    def look(world: World) -> Any:
        client = _client(deepcopy(world), region)
        answer = client.answer(method, product, path.format(**_ids(world)), fields).response
        assert isinstance(answer, Response)
        return answer.status, answer.text

    return look


def written(product: str, path: str, fields: dict[str, str], key: str, after_s: float = 0.0) -> Probe:
    """Write, then read back some seconds later: the answer to the write, and what stands."""

    def look(world: World) -> Any:
        client = _client(deepcopy(world), "us1")
        where = path.format(**_ids(world))
        wrote = _seen(client.answer("POST", product, where, fields))
        client.now += after_s
        read = client.answer("GET", product, where).response
        standing = client.get(product, where)[1].get(key) if isinstance(read, Response) and read.status == 200 else read
        return wrote, standing

    return look


def region_of(number: str = N0, after_s: float = 10.0, via: str = "ie1") -> Probe:
    """Where the edges take a number's calls some seconds after a move to ie1, and where one to us1 reads it."""

    def look(world: World) -> Any:
        there = deepcopy(world)
        client = _client(there, via)
        answer = client.answer("POST", "routes", f"v2/PhoneNumbers/{number}", {"VoiceRegion": "ie1"}).response
        shown = isinstance(answer, Response) and answer.status == 200
        stored = there.routes[("PhoneNumbers", number)].stored()
        return shown, stored, effective_region(there, "PhoneNumbers", number, client.now + after_s)

    return look


def standing(number: str = N0) -> Probe:
    """Where the edges take a number's calls by and by, if nobody moves it."""
    return lambda world: effective_region(world, "PhoneNumbers", number, T0 + 3600)


def call(to: str = N0, *presses: str, patience_s: float = 60.0) -> Probe:
    """What a caller hears, and how it ends; to the tenth of a second."""

    def look(world: World) -> Any:
        calls: list[Any] = []

        async def script(scene: Scene) -> None:
            calls.append(await scene.call(Caller(presses, patience_s), to=to))

        play(script, dict(ANSWERS), world=deepcopy(world))
        return calls[0].outcome, [(heard.what, heard.detail, round(heard.for_s, 1)) for heard in calls[0].heard]

    return look


def answered_by(url: str) -> Probe:
    """What a caller hears whose number is answered by this URL."""

    def look(world: World) -> Any:
        there = deepcopy(world)
        there.regions["us1"].numbers[there.numbers[N0].sid].voice.voice_url = url
        return call(patience_s=20)(there)

    return look


def alerted(to: str = N0) -> Probe:
    """The codes that a call leaves in the alert feed, and the URLs that were asked."""

    def look(world: World) -> Any:
        async def script(scene: Scene) -> None:
            await scene.call(to=to)

        before = len(world.regions["us1"].alerts)
        scene = play(script, dict(ANSWERS), world=deepcopy(world))
        return scene.codes()[before:], scene.app.urls()

    return look


def recovering() -> Probe:
    """What a call to a trunk leaves when none of its targets answers."""

    def look(world: World) -> Any:
        there = deepcopy(world)
        there.parties |= {SBC1: Party(answers=False), SBC2: Party(answers=False)}
        return alerted(N2)(there)

    return look


def waited(count: int = 3) -> Probe:
    """How long REST calls are queued when several are created at once."""

    def look(world: World) -> Any:
        queued: list[int] = []

        async def script(scene: Scene) -> None:
            made = [scene.created("+14155559999") for _ in range(count)]
            for one in made:
                scene.switchboard.begin("us1", one.sid, _hello())
            await scene.clock.sleep(120)
            queued.extend(one.queue_time_ms for one in made)

        play(script, dict(ANSWERS), world=deepcopy(world))
        return queued

    return look


def at_once(count: int) -> Probe:
    """Statuses of requests in one second, the last with so many under way."""

    def look(world: World) -> Any:
        client = _client(deepcopy(world), "us1")
        client.traffic = Traffic(at_once=count)
        return [_seen(client.answer("GET", "routes", f"v2/PhoneNumbers/{N0}"))[0] for _ in range(count)]

    return look


def tunnelled(host: str = "api.twilio.com") -> Probe:
    """How a connection through the proxy fails, if it does."""
    return lambda world: tunnel(deepcopy(world), host, T0 + 60)


def at_address(edge: str = "ashburn", number: int = 1) -> Probe:
    """What becomes of SIP at an address of an edge."""
    return lambda world: faults.sip(deepcopy(world), edge, number, "one-call", T0 + 60)


def resolved(name: str, kind: str = "A") -> Probe:
    """What a name leads to."""
    addresses = {edge: [(f"127.60.{at}.{number}", 5060) for number in range(1, 5)] for at, edge in enumerate(EDGES)}
    places = Places(addresses, addresses)
    return lambda world: resolve(deepcopy(world), places, name, kind, (0, 1, 2, 3), T0 + 60)


def page(world: World) -> Any:
    """The status page, with us1 down."""
    there = deepcopy(world)
    faults.begin(there, "region-down", {"region": "us1"}, T0 + 30)
    shown = status_page(there, T0 + 60)
    return None if shown is None else [(one.name, one.status) for one in shown.components]


def quiet_page(world: World) -> Any:
    """The status page, with nothing wrong but what the test breaks."""
    shown = status_page(world, T0 + 60)
    return None if shown is None else shown.status.indicator


def _hello() -> Instructions:
    empty = ("POST", "<Response><Say>Hello</Say></Response>", "", "", "POST", "", "POST", (), 10.0)
    return Instructions("", *empty)  # type: ignore[arg-type]


def _client(world: World, region: str) -> Client:
    client = Client(world, region)
    client.now = T0 + 60
    return client


def _ids(world: World) -> dict[str, str]:
    return {"n0": world.numbers[N0].sid, "call": next(reversed(world.regions["us1"].calls))}


def _seen(answer: Any) -> Any:
    if isinstance(answer.response, Broken):
        return (answer.response.failure.value,)
    text = answer.response.body
    code = None
    if text[:1] == b"{" and answer.response.status >= 400:
        code = json.loads(text).get("code")
    return answer.response.status, code, answer.delay_s
