"""Every request knows the active Region, and the instance says which one it uses; around ASGI and WSGI alike."""

from __future__ import annotations

import asyncio
import json
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server
from wsgiref.validate import validator

import pytest

from voicedr.runtime.region import ActiveRegion, RegionAsgi, RegionWsgi


@pytest.fixture
def active(tmp_path: Path) -> Iterator[ActiveRegion]:
    """Follows a file that names ie1."""
    (tmp_path / "context.json").write_text('{"region": "ie1", "epoch": 7}')
    with ActiveRegion(f"file:{tmp_path}/context.json") as following:
        yield following


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Says the Region that it was given, to a request and to a web socket."""
    said = str(scope["voicedr.region"].region) if scope["type"] != "lifespan" else "lifespan"
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": said.encode()})


def asked(asgi: Any, path: str, method: str = "GET", **more: object) -> tuple[int, dict[bytes, bytes], bytes]:
    """Status, headers and body of an answer."""
    sent: list[Any] = []

    async def send(event: Any) -> None:
        sent.append(event)

    async def receive() -> Any:
        raise AssertionError("no body is read")

    scope = {"type": "http", "method": method, "path": path, "query_string": b"x=1", "headers": [], **more}
    asyncio.run(asgi(scope, receive, send))
    if scope["type"] != "http":
        return 0, {}, sent[0]["body"]
    return sent[0]["status"], dict(sent[0]["headers"]), b"".join(one["body"] for one in sent[1:])


def test_asgi(active: ActiveRegion) -> None:
    """Requests, web sockets, start and end of the application; the confirm page answers for the instance."""
    asgi = RegionAsgi(app, active, instance="web-3")
    assert asked(asgi, "/work")[2] == b"ie1"
    assert asked(asgi, "/region", type="websocket")[2] == b"ie1"
    assert asked(asgi, "/region", type="lifespan")[2] == b"lifespan"
    status, headers, body = asked(asgi, "/region")
    assert (status, headers[b"cache-control"], int(headers[b"content-length"])) == (200, b"no-store", len(body))
    said = json.loads(body)
    assert 0 <= said.pop("age_s") < 5
    assert said == {"active_region": "ie1", "epoch": 7, "instance": "web-3", "problem": None}
    assert asked(asgi, "/region", "HEAD")[2] == b""
    status, headers, _ = asked(asgi, "/region", "POST")
    assert (status, headers[b"allow"]) == (405, b"GET, HEAD")
    assert asked(asgi, "/regions")[2] == b"ie1"
    assert json.loads(asked(asgi, "/app/region", root_path="/app")[2])["active_region"] == "ie1"
    assert asked(RegionAsgi(app, active, path=None), "/region")[2] == b"ie1"


def test_nobody_has_named_a_region_yet(tmp_path: Path) -> None:
    """It is said, and no Region is made up."""
    with ActiveRegion(f"file:{tmp_path}/none.json") as nothing:
        said = json.loads(asked(RegionAsgi(app, nothing, instance="a"), "/region")[2])
    assert (said["active_region"], said["epoch"], said["age_s"]) == (None, 0, None)
    assert "there is no document" in said["problem"]


def test_wsgi(active: ActiveRegion) -> None:
    """The same, as the standard's own validator sees it."""

    def inner(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [str(environ["voicedr.region"].region).encode()]

    class Quiet(WSGIRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:
            """Says nothing."""

    server = make_server("127.0.0.1", 0, validator(RegionWsgi(inner, active, instance="web-4")), handler_class=Quiet)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    base = f"http://127.0.0.1:{server.server_port}"
    try:
        with urllib.request.urlopen(f"{base}/work", timeout=5) as answer:
            assert answer.read() == b"ie1"
        with urllib.request.urlopen(f"{base}/region", timeout=5) as answer:
            said = json.load(answer)
        assert (said["active_region"], said["epoch"], said["instance"]) == ("ie1", 7, "web-4")
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"{base}/region", data=b"x", timeout=5)
        assert refused.value.code == 405
        refused.value.close()
    finally:
        server.shutdown()
        server.server_close()


def test_a_request_keeps_its_region(tmp_path: Path) -> None:
    """A switch in the middle of a request does not give it half of each Region."""
    path = tmp_path / "context.json"
    path.write_text('{"region": "us1", "epoch": 1}')

    async def main() -> None:
        with ActiveRegion(f"file:{path}", every_s=0.05) as active:

            async def slow(scope: Any, receive: Any, send: Any) -> None:
                assert scope["voicedr.region"].region == "us1"
                changed = asyncio.Event()
                active.on_change(lambda _: changed.set(), loop=asyncio.get_running_loop())
                path.write_text('{"region": "ie1", "epoch": 2}')
                await asyncio.wait_for(changed.wait(), 3)
                assert active.current().region == "ie1"
                assert scope["voicedr.region"].region == "us1"

            await RegionAsgi(slow, active)({"type": "http", "path": "/x", "method": "GET"}, None, None)  # type: ignore[arg-type]

    asyncio.run(main())
