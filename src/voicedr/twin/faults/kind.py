"""What a fault is made of: its parameters, and what it does to each thing it can touch.

Chance, flapping and change over time are here, once for every fault: ``rate`` is the share of what a fault would touch
that it does touch, ``down_s`` and ``up_s`` let it come and go, and any number may be a ramp (``ramp.py``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from voicedr.twin.faults.effects import (
    CallEffect,
    MediaEffect,
    NameEffect,
    PartyEffect,
    RestEffect,
    SipEffect,
    StatusPageEffect,
    WebhookEffect,
)
from voicedr.twin.faults.ramp import as_number, read_ramp, value_at
from voicedr.twin.world.model import REGIONS, Fault, World
from voicedr.wire.http import Response

Params = dict[str, Any]

Area = Literal[
    "Regions and edges",
    "REST API",
    "Credentials",
    "Routes",
    "Configuration",
    "Calls",
    "Media",
    "People and equipment outside",
    "SIP",
    "Webhooks",
    "Observation",
]
"""Where a fault applies. The reference page has a chapter for each."""


class BadFault(ValueError):
    """No such fault, or a parameter it cannot take. Nothing was broken."""


@dataclass(frozen=True, slots=True)
class Rest:
    """A provider REST request, as far as a fault looks at it. ``method`` is CONNECT for a tunnel that is asked for."""

    host: str
    product: str
    edge: str
    region: str
    method: str
    path: str
    user: str
    body: bytes = b""
    query: str = ""

    @property
    def writes_route(self) -> bool:
        """True if it sets the processing Region of a number, a trunk or a SIP domain."""
        return self.product == "routes" and self.method == "POST"

    @property
    def writes(self) -> bool:
        """True if it changes anything."""
        return self.method in ("POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a fault.

    Attributes:
        kind: What is accepted: a Region, any text, a number (0 or more), a whole number, a rate (0 to 1), or one of
            ``choices``. Numbers may be given as text, and as a ramp.
        default: Used when it is not given; ``None`` means every one, or not set.
        required: True if it must be given.
    """

    name: str
    kind: Literal["region", "text", "number", "whole", "rate", "choice"]
    meaning: str
    default: Any = None
    required: bool = False
    choices: tuple[str, ...] = ()

    def read(self, fault: str, value: Any) -> Any:
        """The value, checked.

        Raises:
            BadFault: If it is not of this kind; says what is.
        """
        match self.kind:
            case "region":
                accepted, wanted = value in REGIONS, f"one of {', '.join(REGIONS)}"
            case "choice":
                value = str(value) if isinstance(value, int) else value
                accepted, wanted = value in self.choices, f"one of {', '.join(self.choices)}"
            case "text":
                accepted, wanted = isinstance(value, str) and value != "", "a text that is not empty"
            case _:
                return self._number(fault, value)
        if not accepted:
            raise self._bad(fault, value, wanted)
        return value

    def _number(self, fault: str, value: Any) -> Any:
        match self.kind:
            case "rate":
                wanted = "a number from 0 to 1"
            case "whole":
                wanted = "a whole number"
            case _:
                wanted = "a number of 0 or more"
        ramp = read_ramp(value)
        if ramp is not None:
            if all(self._fits(ramp[end]) for end in ("from", "to")):
                return ramp
            raise self._bad(fault, value, f"{wanted} at both ends")
        number = as_number(value)
        if number is None or not self._fits(number):
            raise self._bad(fault, value, wanted)
        return int(number) if self.kind == "whole" else number

    def _fits(self, number: float) -> bool:
        match self.kind:
            case "rate":
                return 0 <= number <= 1
            case "whole":
                return number == int(number)
            case _:
                return number >= 0

    def _bad(self, fault: str, value: Any, wanted: str) -> BadFault:
        return BadFault(f"fault {fault}: parameter {self.name} is {value!r}; give {wanted}. Nothing was broken.")


COMMON: tuple[Parameter, ...] = (
    Parameter("rate", "rate", "the share of what it touches that goes wrong; by chance from the seed", default=1.0),
    Parameter("down_s", "number", "with up_s: it lasts so long at a time"),
    Parameter("up_s", "number", "with down_s: it is gone so long between two times"),
)
"""What every fault takes."""


@dataclass(frozen=True, slots=True)
class FaultKind:
    """A fault that the twin knows. Each function is asked only while a fault of this kind lasts.

    Attributes:
        area: Where it applies.
        defaults: Its own defaults of the common parameters.
        public: What an honest status page says of it: component and status, in the parameter's Region or in all.
        rest: What happens to a provider request.
        before: Run before a provider request is carried out; ``read`` gives what a GET of its path answers now.
        reply: What comes in place of a provider's answer: (world, fault, params, request, response, now).
        call_setup: What happens to a call that is routed to a Region: (world, params, region, e164, now).
        dropped_after_s: When an answered call drops: (params, region, e164).
        media: What happens to the sound of a call: (params, region, e164).
        webhook: What happens to a webhook sent from a Region: (world, params, region, url, now).
        party: What happens when somebody outside is rung: (world, params, address, now).
        settings: The twin's settings that are otherwise in a Region: (params, region).
        edge: What happens to webhooks and SIP that pass through an edge: (params, edge).
        sip: What happens to SIP at an address of an edge: (params, edge, number of the address).
        name: What happens to a look-up of a name that says an edge: (params, edge).
        region_mode: How a Region is down, if it is: (params, region).
        route_lag_s: How far behind a read of a route is: (params, region).
        holds_route: True if a route write through this Region does not arrive: (params, via region, name).
        route_delay_s: How much later a route write arrives: (params, via region, name).
        queue_size: How many callers a queue takes: (params, region, queue name).
        loses_recording: True if a recording of this call comes to nothing: (params, region, e164).
        status_page: What the status page says that is not so: (params).
        began, ended: Run once when it begins, and when it is healed before its time.
        restored: Run once when it is over, healed or by its time: puts back what ``began`` took away.
    """

    area: Area
    parameters: tuple[Parameter, ...] = ()
    defaults: Mapping[str, Any] = field(default_factory=dict)
    public: Mapping[str, str] = field(default_factory=dict)
    rest: Callable[[World, Params, Rest, float], RestEffect | None] | None = None
    before: Callable[[Fault, Params, Rest, Callable[[], Response], float], None] | None = None
    reply: Callable[[Fault, Params, Rest, Response, float], Response | None] | None = None
    call_setup: Callable[[World, Params, str, str, float], CallEffect | None] | None = None
    dropped_after_s: Callable[[Params, str, str], float | None] | None = None
    media: Callable[[Params, str, str], MediaEffect | None] | None = None
    webhook: Callable[[World, Params, str, str, float], WebhookEffect | None] | None = None
    party: Callable[[World, Params, str, float], PartyEffect | None] | None = None
    settings: Callable[[Params, str], Mapping[str, Any]] | None = None
    edge: Callable[[Params, str], WebhookEffect | None] | None = None
    sip: Callable[[Params, str, int], SipEffect | None] | None = None
    name: Callable[[Params, str], NameEffect | None] | None = None
    region_mode: Callable[[Params, str], str | None] | None = None
    route_lag_s: Callable[[Params, str], float] | None = None
    holds_route: Callable[[Params, str, str], bool] | None = None
    route_delay_s: Callable[[Params, str, str], float] | None = None
    queue_size: Callable[[Params, str, str], int | None] | None = None
    loses_recording: Callable[[Params, str, str], bool] | None = None
    status_page: Callable[[Params], StatusPageEffect] | None = None
    began: Callable[[World, Fault, float], None] | None = None
    ended: Callable[[World, Fault, float], None] | None = None
    restored: Callable[[World, Fault, float], None] | None = None

    @property
    def every_parameter(self) -> tuple[Parameter, ...]:
        """Its own and those of the common ones that make sense for it, with its own defaults.

        What changes the account or a setting does so as a whole: no chance. What takes something away when it begins
        cannot come and go.
        """
        whole = self.settings is not None or self.status_page is not None or self.restored is not None
        left_out = {"rate"} if whole else set()
        if self.began is not None:
            left_out |= {"down_s", "up_s"}
        return (*self.parameters, *(_with(one, self.defaults) for one in COMMON if one.name not in left_out))


def lasts(fault: Fault, now: float) -> bool:
    """True if it is not over and, if it comes and goes, is there now."""
    if fault.until is not None and now >= fault.until:
        return False
    down_s, up_s = fault.params.get("down_s"), fault.params.get("up_s")
    if down_s is None or up_s is None:
        return True
    return bool((now - fault.since) % (down_s + up_s) < down_s)


def params_at(fault: Fault, now: float) -> Params:
    """Its parameters now: every ramp as the number it has come to."""
    if not any(isinstance(value, dict) for value in fault.params.values()):
        return fault.params
    age_s = now - fault.since
    return {name: value_at(each, age_s) if isinstance(each, dict) else each for name, each in fault.params.items()}


def touches(world: World, fault: Fault, params: Params, key: str = "") -> bool:
    """Whether this one is among the share that goes wrong.

    Args:
        key: What must fare the same each time it is asked, e.g. a call or a number; without one each time is drawn.
    """
    rate = params.get("rate", 1.0)
    if rate >= 1.0:
        return True
    if not key:
        return bool(world.draw() < rate)
    digest = hashlib.blake2b(f"{world.seed}:{fault.id}:{key}".encode(), digest_size=8).digest()
    return bool(int.from_bytes(digest) / 2**64 < rate)


def _with(parameter: Parameter, defaults: Mapping[str, Any]) -> Parameter:
    if parameter.name not in defaults:
        return parameter
    return Parameter(parameter.name, parameter.kind, parameter.meaning, defaults[parameter.name])
