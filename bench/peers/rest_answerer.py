"""A server that answers every REST request with the same account, as fast as a Python process can: an edge's stand-in.

``python -m bench.peers.rest_answerer [CERTIFICATE KEY]``: with TLS if both are given. Writes its port when it is ready.
"""

from __future__ import annotations

import asyncio
import json
import signal
import ssl
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import uvloop
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

ACCOUNT = {
    "sid": "AC" + "0" * 32, "friendly_name": "bench", "status": "active", "type": "Full", "auth_token": "-",
    "owner_account_sid": "AC" + "0" * 32, "date_created": "Tue, 01 Sep 2026 08:00:00 +0000",
    "date_updated": "Tue, 01 Sep 2026 08:00:00 +0000", "uri": "/2010-04-01/Accounts/AC.json", "subresource_uris": {},
}  # fmt: skip
BODY = json.dumps(ACCOUNT).encode()
HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json;charset=utf-8\r\nTwilio-Request-Id: RQ" + b"0" * 32
    + b"\r\nTwilio-Request-Duration: 0.010\r\nTwilio-Concurrent-Requests: 1\r\nX-API-Domain: api.twilio.com\r\n"
    b"Strict-Transport-Security: max-age=31536000\r\nDate: Sun, 22 Nov 2026 00:00:00 GMT\r\nConnection: keep-alive\r\n"
)  # fmt: skip
ANSWER = HEAD + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY


class Answering(asyncio.Protocol):
    """One connection."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.waiting = b""

    def data_received(self, data: bytes) -> None:
        self.waiting += data
        while (end := self.waiting.find(b"\r\n\r\n")) >= 0:
            head = self.waiting[:end].lower()
            at = head.find(b"content-length:")
            size = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            if len(self.waiting) < end + 4 + size:
                return
            self.waiting = self.waiting[end + 4 + size :]
            self.transport.write(ANSWER)


def certificate(directory: Path, names: Sequence[str]) -> tuple[str, str]:
    """A certificate that signs itself, for these names, and its key: two PEM files."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(one) for one in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    files = directory / "certificate.pem", directory / "key.pem"
    files[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    files[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, *private))
    return str(files[0]), str(files[1])


async def main(*files: str) -> None:
    """Serve until SIGTERM."""
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, ended.set)
    context = None
    if files:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*files)
    server = await loop.create_server(Answering, "127.0.0.1", 0, ssl=context, backlog=1024)
    sys.stdout.write(json.dumps({"port": server.sockets[0].getsockname()[1]}) + "\n")
    sys.stdout.flush()
    await ended.wait()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main(*sys.argv[1:]))
