"""The twin's own API: place calls, break things, look. It is not part of the provider."""

from __future__ import annotations

from urllib.parse import unquote

from voicedr.twin.clock import Clock
from voicedr.twin.control.access import Access
from voicedr.twin.control.openapi import document
from voicedr.twin.control.operation import Call, Operation, Wrong, query_of, shown
from voicedr.twin.control.operations import OPERATIONS
from voicedr.twin.control.shapes import ErrorShown
from voicedr.twin.scenarios.performance import Scenarios
from voicedr.twin.switchboard import Switchboard
from voicedr.twin.world.model import World
from voicedr.wire.http import Request, Response

_PATTERNS = tuple((operation, tuple(operation.path.strip("/").split("/"))) for operation in OPERATIONS)


class Control:
    """Answers ``/_twin/...``. ``access`` is None while no sockets are open."""

    def __init__(self, world: World, clock: Clock, switchboard: Switchboard, scenarios: Scenarios) -> None:
        self._world = world
        self._clock = clock
        self._switchboard = switchboard
        self._scenarios = scenarios
        self.access: Access | None = None

    async def answer(self, request: Request, path: str, query: str) -> Response:
        """Answer one request."""
        if not path.startswith("/_twin/"):
            message = (
                f"{path} is not here: this address serves /_twin/... (GET /_twin/openapi.json says what). A request "
                "for the provider needs the provider's name in Host, e.g. api.dublin.ie1.twilio.com."
            )
            return shown(ErrorShown(message), 404)
        if path == "/_twin/openapi.json" and request.method == "GET":
            return shown(document())
        try:
            operation, ids = _find(request.method, path)
            switchboard, access = self._switchboard, self.access
            call = Call(
                self._world, self._clock, switchboard, request.body, query_of(query), ids, access, self._scenarios
            )
            return await operation.run(call)
        except Wrong as wrong:
            return shown(ErrorShown(wrong.message), wrong.status)


def _find(method: str, path: str) -> tuple[Operation, dict[str, str]]:
    segments = [unquote(segment) for segment in path.strip("/").split("/")]
    methods: list[str] = []
    for operation, pattern in _PATTERNS:
        if len(pattern) != len(segments):
            continue
        ids = {want[1:-1]: have for want, have in zip(pattern, segments, strict=True) if want[0] == "{"}
        if any(want != have for want, have in zip(pattern, segments, strict=True) if want[0] != "{"):
            continue
        if operation.method == method:
            return operation, ids
        methods.append(operation.method)
    if methods:
        raise Wrong(405, f"{path} does not take {method}; it takes {', '.join(methods)}")
    raise Wrong(404, f"{path} is not here; GET /_twin/openapi.json says what is")
