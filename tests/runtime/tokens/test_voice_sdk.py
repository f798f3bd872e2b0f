"""The JavaScript SDK in a real browser, steered by the page's own lines, follows the Region.

The signalling hosts are played by one WebSocket server: it is told which host a device came to and with which token.
What the SDK says there is its own; that a client is let in with such a token is tried against the twin elsewhere.
"""

from __future__ import annotations

import asyncio
import base64
import datetime
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import ClientSession, WSMsgType, web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from node_packages import installed
from real_browser import browser_page

from .running_tokens import CALLER, block, documented_settings, running_tokens

SDK, VERSION = "@twilio/voice-sdk", "2.18.0"


class Signalling:
    """Every signalling host in one, and the customer's page and backend."""

    def __init__(self, tokens: str, sdk: Path) -> None:
        self.seen: list[tuple[str, str, str]] = []
        self._tokens = tokens
        self._sdk = sdk

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/", self._page)
        app.router.add_get("/sdk.js", self._script)
        app.router.add_get("/token", self._token)
        app.router.add_get("/signal", self._signal)
        return app

    async def _page(self, _request: web.Request) -> web.Response:
        faster = block("js").replace("20000", "300")
        return web.Response(text=f"<script src=/sdk.js></script><script>{faster}</script>", content_type="text/html")

    async def _script(self, _request: web.Request) -> web.FileResponse:
        return web.FileResponse(self._sdk)

    async def _token(self, _request: web.Request) -> web.Response:
        """The customer's backend: it knows who is signed in."""
        async with (
            ClientSession() as session,
            session.post(
                f"{self._tokens}/token", json={"identity": "alice"}, headers={"Authorization": f"Bearer {CALLER}"}
            ) as answer,
        ):
            return web.json_response(await answer.json(), status=answer.status)

    async def _signal(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for message in socket:
            if message.type is not WSMsgType.TEXT or not message.data.strip():
                continue
            said = json.loads(message.data)
            token = (said.get("payload") or {}).get("token")
            if said["type"] == "listen":
                header, claims = (json.loads(base64.urlsafe_b64decode(p + "==")) for p in token.split(".")[:2])
                self.seen.append((request.host.partition(":")[0], header["twr"], claims["grants"]["identity"]))
                payload = {"region": header["twr"], "home": header["twr"], "token": {"identity": "alice", "ttl": 900}}
                await socket.send_json({"type": "connected", "version": "1.6", "payload": payload})
            if said["type"] == "register":
                await socket.send_json({"type": "ready", "version": "1.6"})
        return socket


def _certificate(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "signalling")])
    begins = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(begins)
        .not_valid_after(begins + datetime.timedelta(days=3650))
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "both.pem").write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "both.pem")
    return context


@asynccontextmanager
async def _serving(app: web.Application, folder: Path) -> AsyncIterator[tuple[int, int]]:
    """The ports of http and https."""
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        ports = []
        for context in (None, _certificate(folder)):
            site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
            await site.start()
            ports.append(site._server.sockets[0].getsockname()[1])  # type: ignore[union-attr]
        yield ports[0], ports[1]
    finally:
        await runner.cleanup()


def test_devices_follow_the_region(tmp_path: Path) -> None:
    """us1's device registers at Ashburn; the context moves, and a new one registers at Dublin with ie1's token; the
    service goes away, and the device stays; and it comes home."""
    sdk = installed(SDK, VERSION) / "node_modules" / SDK / "dist" / "twilio.min.js"

    async def story() -> None:
        with running_tokens(documented_settings(tmp_path, **{"per_minute: 30": "per_minute: 6000"})) as (url, process):
            desk = Signalling(url, sdk)
            async with _serving(desk.app(), tmp_path) as (http, https):
                rules = f"--host-resolver-rules=MAP *.twilio.com 127.0.0.1:{https}"
                async with browser_page(rules, "--ignore-certificate-errors") as page:
                    await page.open(f"http://127.0.0.1:{http}/")
                    await page.until("typeof device === 'object' && device?.state === 'registered'")
                    assert set(desk.seen) == {("voice-js.ashburn.twilio.com", "us1", "alice")}
                    assert await page.value("device.home") == "us1"
                    (tmp_path / "app.json").write_text('{"region": "ie1", "epoch": 1}')
                    await page.until("device.home === 'ie1' && device.state === 'registered'")
                    assert desk.seen[-1] == ("voice-js.dublin.twilio.com", "ie1", "alice")
                    (tmp_path / "app.json").write_text('{"region": "us1", "epoch": 2}')
                    await page.until("device.home === 'us1' && device.state === 'registered'")
                    process.terminate()
                    process.wait(timeout=10)
                    await asyncio.sleep(1.0)
                    assert await page.value("device.state") == "registered"

    asyncio.run(story())
