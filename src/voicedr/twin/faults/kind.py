"""What a fault is made of: its parameters, and what it does to each thing it can touch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from voicedr.twin.faults.effects import CallEffect, PartyEffect, RestEffect, WebhookEffect
from voicedr.twin.world.model import REGIONS, Fault, World

Params = dict[str, Any]


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

    @property
    def writes_route(self) -> bool:
        """True if it sets the processing Region of a number, a trunk or a SIP domain."""
        return self.product == "routes" and self.method == "POST"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a fault.

    Attributes:
        kind: What is accepted: a Region, any text, a number (0 or more), a whole number, a rate (0 to 1), or one of
            ``choices``.
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
                accepted, wanted = value in self.choices, f"one of {', '.join(self.choices)}"
            case "text":
                accepted, wanted = isinstance(value, str) and value != "", "a text that is not empty"
            case "rate":
                accepted, wanted = _is_number(value) and 0 <= value <= 1, "a number from 0 to 1"
            case "whole":
                accepted, wanted = isinstance(value, int) and not isinstance(value, bool), "a whole number"
            case _:
                accepted, wanted = _is_number(value) and value >= 0, "a number of 0 or more"
        if not accepted:
            raise BadFault(f"fault {fault}: parameter {self.name} is {value!r}; give {wanted}. Nothing was broken.")
        return value


@dataclass(frozen=True, slots=True)
class FaultKind:
    """A fault that the twin knows. Each function is asked only while a fault of this kind lasts.

    Attributes:
        rest: What happens to a provider request.
        call_setup: What happens to a call that is routed to a Region: (world, params, region, e164, now).
        webhook: What happens to a webhook sent from a Region: (world, params, region, url, now).
        party: What happens when somebody outside is rung: (world, params, address, now).
        region_mode: How a Region is down, if it is: (params, region).
        route_lag_s: How far behind a read of a route is: (params, region).
        holds_route: True if a route write through this Region does not arrive: (params, via region, name).
        began, ended: Run once when it begins, and when it is healed before its time.
    """

    parameters: tuple[Parameter, ...]
    rest: Callable[[World, Params, Rest, float], RestEffect | None] | None = None
    call_setup: Callable[[World, Params, str, str, float], CallEffect | None] | None = None
    webhook: Callable[[World, Params, str, str, float], WebhookEffect | None] | None = None
    party: Callable[[World, Params, str, float], PartyEffect | None] | None = None
    region_mode: Callable[[Params, str], str | None] | None = None
    route_lag_s: Callable[[Params, str], float] | None = None
    holds_route: Callable[[Params, str, str], bool] | None = None
    began: Callable[[World, Fault, float], None] | None = None
    ended: Callable[[World, Fault, float], None] | None = None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
