"""Whether the REST API answers under a name: a refusal of the key is an answer, a proxy's page is none."""

from __future__ import annotations

import pytest

from voicedr.adapters.http.in_process import InProcessSend
from voicedr.program.readiness.facts import Observed
from voicedr.program.readiness.outside.web import Reached
from voicedr.program.vocabulary import US1
from voicedr.testing.virtual_time import VirtualClock, run_virtual
from voicedr.usecases.ask_plainly import reach_api
from voicedr.wire.http import Request, Response


@pytest.mark.parametrize(
    ("status", "body", "is_there"),
    [
        (200, b'{"applications": []}', True),
        (401, b'{"code": 20003, "message": "Authenticate", "status": 401}', True),
        (403, b'{"code": 70051, "message": "Authorization Failed", "status": 403}', True),
        (403, b"<html>Forbidden by the proxy", False),
        (403, b'{"error": "blocked"}', False),
        (403, b"\xff\xfe", False),
        (404, b'{"code": 20404}', False),
        (503, b'{"code": 20503}', False),
    ],
)
def test_a_name_answers_if_the_api_speaks_behind_it(status: int, body: bytes, is_there: bool) -> None:
    """401 and 403 with the provider's own code come from the API; whatever else refuses stands before it."""

    async def api(_request: Request) -> Response:
        return Response(status, (("Content-Type", "application/json"),), body)

    async def ask(clock: VirtualClock) -> Reached:
        send = InProcessSend({"api.umatilla.us1.twilio.com": api}, clock)
        fact = await reach_api("umatilla", US1, "AC" + "0" * 32, ("SK1", "hush"), None, send, clock)
        assert isinstance(fact, Observed)
        return fact.value

    said = run_virtual(ask)
    assert said.status == status
    assert (said.problem is None) is is_there
