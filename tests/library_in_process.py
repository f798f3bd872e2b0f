"""The official library against a world in this process: no sockets, the real host names, the time by hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import requests
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http import HttpClient
from twilio.http.response import Response as LibraryResponse
from twilio.rest import Client

from asking_the_twin import T0
from voicedr.twin.api.broken import Broken
from voicedr.twin.api.handle import handle
from voicedr.twin.world.model import REGIONS, World
from voicedr.wire.http import Request


class InProcess(HttpClient):
    """Gives every request of the library to the twin's API, with the host that the library made."""

    def __init__(self, world: World) -> None:
        super().__init__(logger=None, is_async=False)
        self.world = world
        self.now = T0 + 60
        self.asked: list[tuple[str, str]] = []

    def request(
        self,
        method: str,
        url: str,
        params: Any = None,
        data: Any = None,
        headers: Any = None,
        auth: Any = None,
        timeout: Any = None,
        allow_redirects: bool = False,
    ) -> LibraryResponse:
        """One exchange. A broken one raises as the library's transport does."""
        if params:
            url += "?" + urlencode(_on_the_wire(params), doseq=True)
        body = urlencode(_on_the_wire(data), doseq=True).encode() if data else b""
        basic = requests.auth._basic_auth_str(*auth)  # type: ignore[no-untyped-call]
        sent = (*((name, str(value)) for name, value in (headers or {}).items()), ("Authorization", basic))
        self.asked.append((method, url))
        answer = handle(self.world, Request(method, url, sent, body), self.now)
        if isinstance(answer.response, Broken):
            raise requests.exceptions.ConnectionError(answer.response.failure.value)
        return LibraryResponse(answer.response.status, answer.response.body.decode(), dict(answer.response.headers))


def official(world: World, region: str = "us1", *, token: bool = False) -> Client:
    """A client of one Region, with its API key or its Auth Token."""
    store = world.regions[region]
    key = next(iter(store.keys.values()))
    user, secret = (world.account_sid, store.auth_token) if token else (key.sid, key.secret)
    return Client(
        user,
        secret,
        world.account_sid,
        region=region,
        edge=REGIONS[region],
        http_client=InProcess(world),
        environment={"NOTHING": json.dumps(None)},
    )


def refused(call: Callable[[], object]) -> tuple[int, int | None]:
    """Status and code with which the library says that a call failed; a page tells no code."""
    try:
        call()
    except TwilioRestException as exc:
        return exc.status, exc.code
    except TwilioException as exc:
        return exc.args[1].status_code, None
    raise AssertionError("it was not refused")


def _on_the_wire(fields: dict[str, Any]) -> dict[str, Any]:
    return {
        name: str(value).lower() if isinstance(value, bool) else value
        for name, value in fields.items()
        if value is not None
    }
