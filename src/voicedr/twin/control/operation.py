"""One operation of the control API: what it is called with, what it does, and how the document describes it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import parse_qsl

import msgspec

from voicedr.twin.clock import Clock
from voicedr.twin.control.access import Access
from voicedr.twin.scenarios.performance import Scenarios
from voicedr.twin.switchboard import Switchboard
from voicedr.twin.world.model import World
from voicedr.wire.http import Response

T = TypeVar("T")


class Wrong(Exception):
    """A request that cannot be done. Nothing was changed."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


@dataclass(slots=True)
class Call:
    """One call of an operation."""

    world: World
    clock: Clock
    switchboard: Switchboard
    body: bytes
    query: dict[str, str]
    ids: dict[str, str]
    access: Access | None
    scenarios: Scenarios

    @property
    def now(self) -> float:
        """Seconds since the epoch."""
        return self.clock.now().timestamp()

    def read(self, kind: type[T]) -> T:
        """The body as a value of a kind.

        Raises:
            Wrong: If it is none; says what and where.
        """
        try:
            return msgspec.json.decode(self.body, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError) as exc:
            raise Wrong(400, f"the body cannot be used: {exc}. Nothing was changed.") from exc

    def number(self, name: str, otherwise: float) -> float:
        """A number of the query string."""
        text = self.query.get(name)
        if text is None:
            return otherwise
        try:
            return float(text)
        except ValueError as exc:
            raise Wrong(400, f"{name} is {text!r}; give a number") from exc


@dataclass(frozen=True, slots=True)
class Operation:
    """A method on a path.

    Attributes:
        path: With names in braces; what stands there is in ``Call.ids``. A last name takes the rest of the path.
        query: Names of the query string and what they mean.
        body: The kind of the body, None if there is none.
        answer: The kind of the answer, None if it is free-form JSON.
    """

    method: str
    path: str
    summary: str
    run: Callable[[Call], Awaitable[Response]]
    status: int = 200
    query: dict[str, str] = field(default_factory=dict)
    body: Any = None
    answer: Any = None


JSON = (("Content-Type", "application/json"),)


def shown(value: Any, status: int = 200) -> Response:
    """A value as JSON."""
    return Response(status, JSON, msgspec.json.encode(value))


def query_of(text: str) -> dict[str, str]:
    """The query string; the last of repeated names counts."""
    return dict(parse_qsl(text, keep_blank_values=True))
