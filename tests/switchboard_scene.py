"""A small account, an application that answers in process, and a switchboard under virtual time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from voicedr.testing.virtual_time import START, VirtualClock, run_virtual
from voicedr.twin import faults
from voicedr.twin.calls.caller import Caller
from voicedr.twin.calls.orders import Instructions
from voicedr.twin.switchboard import Switchboard
from voicedr.twin.world.credentials import empty_world
from voicedr.twin.world.model import (
    Application,
    Call,
    NetworkCall,
    Number,
    NumberVoice,
    OriginationUrl,
    RouteChange,
    RouteEntry,
    Trunk,
    Voice,
    World,
)
from voicedr.wire.http import Failure, Request, Response, Timeouts, no_response
from voicedr.wire.signatures import HEADER, validate

NUMBER = "+14155550100"
CALLER = "+16465550001"
T0 = START.timestamp()

PRIMARY = "https://app.example/voice"
FALLBACK = "https://spare.example/voice"
STATUS = "https://app.example/status"

Answer = Response | Failure | str | Callable[[Request, dict[str, str]], Any]


def twiml(inner: str) -> Response:
    """A good answer."""
    return Response(200, (("Content-Type", "text/xml"),), f"<Response>{inner}</Response>".encode())


SERVES = twiml("<Say>Welcome to the line</Say>")


@dataclass
class Asked:
    """A request that the application got."""

    at: float
    request: Request
    fields: dict[str, str]
    timeouts: Timeouts

    @property
    def url(self) -> str:
        """Without the query."""
        return self.request.url.partition("?")[0]


@dataclass
class App:
    """The application: what each URL (without its query) answers. An answer of str is TwiML inside Response."""

    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    clock: VirtualClock | None = None
    takes_s: float = 0.0

    async def __call__(self, request: Request, timeouts: Timeouts) -> Response:
        """Be asked."""
        assert self.clock is not None
        query = urlsplit(request.url).query
        fields = dict(parse_qsl(request.body.decode() if request.method == "POST" else query, keep_blank_values=True))
        self.asked.append(Asked(self.clock.now().timestamp() - T0, request, fields, timeouts))
        read_s = min(timeouts.total_s, timeouts.read_s or timeouts.total_s)
        if self.takes_s:
            await self.clock.sleep(min(self.takes_s, read_s))
            if self.takes_s >= read_s:
                raise no_response(Failure.READ_TIMEOUT)
        answer = self.answers.get(request.url.partition("?")[0], Response(404))
        if callable(answer):
            answer = answer(request, fields)
        if isinstance(answer, Failure):
            if answer is Failure.CONNECT_TIMEOUT:
                await self.clock.sleep(timeouts.connect_s)
            if answer is Failure.READ_TIMEOUT:
                await self.clock.sleep(read_s)
            raise no_response(answer)
        return twiml(answer) if isinstance(answer, str) else answer

    def urls(self) -> list[str]:
        """What was asked, in order."""
        return [asked.url for asked in self.asked]

    def fields(self, url: str) -> list[dict[str, str]]:
        """What a URL was told, each time."""
        return [asked.fields for asked in self.asked if asked.url == url]


def make_world(seed: int = 1, *, regions: tuple[str, ...] = ("us1", "ie1")) -> World:
    """One number, answered by the application in these Regions, routed to us1."""
    world = empty_world(seed, T0, None)
    number = Number(world.mint("PN"), NUMBER, "Support", T0)
    world.numbers[NUMBER] = number
    for region in regions:
        voice = Voice(voice_url=PRIMARY, voice_fallback_url=FALLBACK, status_callback=STATUS)
        world.regions[region].numbers[number.sid] = NumberVoice(voice)
    return world


def voice_of(world: World, region: str = "us1") -> NumberVoice:
    """The number's configuration in a Region."""
    return world.regions[region].numbers[world.numbers[NUMBER].sid]


def set_route(world: World, region: str, effective_in_s: float = 0.0) -> None:
    """Write the number's route at the start; edges follow later."""
    key = ("PhoneNumbers", NUMBER)
    entry = world.routes.setdefault(key, RouteEntry("QQ1", "PhoneNumbers", NUMBER, "", T0))  # type: ignore[arg-type]
    entry.changes.append(RouteChange(T0, region, T0 + effective_in_s, "ie1"))


def put_application(world: World, url: str, region: str = "us1") -> Application:
    """Hand the number to a TwiML App."""
    application = Application(world.mint("AP"), "App", Voice(voice_url=url), T0, T0)
    world.regions[region].applications[application.sid] = application
    voice_of(world, region).voice_application_sid = application.sid
    return application


def put_trunk(world: World, *targets: tuple[str, int, int], recovery: str = "", region: str = "us1") -> Trunk:
    """Hand the number to a trunk with these (SIP URL, priority, weight)."""
    trunk = Trunk(world.mint("TK"), "SBCs", "acme.pstn.twilio.com", recovery, "POST", False, "", T0, T0)
    for sip_url, priority, weight in targets:
        sid = world.mint("OU")
        trunk.origination_urls[sid] = OriginationUrl(sid, sip_url, priority, weight, True, sip_url, T0, T0)
    world.regions[region].trunks[trunk.sid] = trunk
    voice_of(world, region).trunk_sid = trunk.sid
    return trunk


@dataclass
class Scene:
    """What a test works on."""

    world: World
    app: App
    clock: VirtualClock
    switchboard: Switchboard

    async def call(self, caller: Caller | None = None, *, to: str = NUMBER) -> NetworkCall:
        """Place a call and wait for its end; callbacks too."""
        network = self.switchboard.dial(CALLER, to, caller)
        await self.switchboard.ended(network.id)
        await self.clock.sleep(0.01)
        return network

    async def rest_call(self, told: Instructions, *, to: str = NUMBER, region: str = "us1", wait_s: float = 60) -> Call:
        """Create a call as the REST API does, and wait."""
        call = self.created(to, region)
        self.switchboard.begin(region, call.sid, told)
        await self.clock.sleep(wait_s)
        return call

    def created(self, to: str = NUMBER, region: str = "us1") -> Call:
        """A queued call in a Region's log."""
        call = Call(self.world.mint("CA"), "+14155550199", to, "outbound-api", "queued", self.now)
        self.world.regions[region].calls[call.sid] = call
        return call

    @property
    def now(self) -> float:
        """Seconds since the epoch."""
        return self.clock.now().timestamp()

    def logged(self, region: str = "us1") -> list[Call]:
        """A Region's call log."""
        return list(self.world.regions[region].calls.values())

    def codes(self, region: str = "us1") -> list[str]:
        """The error codes in a Region's alert feed."""
        return [alert.error_code for alert in self.world.regions[region].alerts]

    def breaks(self, fault: str, **params: Any) -> str:
        """Break something from now on."""
        return faults.begin(self.world, fault, params, self.now).id


def play(
    script: Callable[[Scene], Awaitable[None]],
    answers: dict[str, Answer] | None = None,
    *,
    world: World | None = None,
    takes_s: float = 0.0,
    live_calls_max: int = 20_000,
) -> Scene:
    """Run a script in virtual time and give what it left."""
    app = App({STATUS: Response(204)} | (answers or {}), takes_s=takes_s)

    async def main(clock: VirtualClock) -> Scene:
        app.clock = clock
        state = world or make_world()
        scene = Scene(state, app, clock, Switchboard(state, clock, app, live_calls_max=live_calls_max))
        await script(scene)
        await scene.switchboard.close()
        return scene

    return run_virtual(main)


def call_once(
    answers: dict[str, Answer] | None = None,
    caller: Caller | None = None,
    *,
    world: World | None = None,
    takes_s: float = 0.0,
) -> tuple[NetworkCall, Scene]:
    """One call from the network, to its end."""
    calls: list[NetworkCall] = []

    async def script(scene: Scene) -> None:
        calls.append(await scene.call(caller))

    scene = play(script, answers, world=world, takes_s=takes_s)
    return calls[0], scene


def heard(call: NetworkCall) -> list[str]:
    """What was heard, in order."""
    return [stretch.what for stretch in call.heard]


def signed_by(asked: Asked, token: str) -> bool:
    """Whether a request carries this token's signature."""
    fields = asked.fields.items() if asked.request.method == "POST" else ()
    return validate(token, asked.request.header(HEADER) or "", asked.request.url, fields)
