"""A way to one address: datagrams, a connection, or TLS on it. Bytes out, SIP messages in.

The certificate is looked at apart from the handshake, so that everything that is wrong with it can be told, and whether
SIP is alive behind it as well. Nothing secret is said on a line whose certificate is not good; that is for the caller.
"""

from __future__ import annotations

import asyncio
import secrets
import ssl
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from voicedr.runtime.sipkit.certificates import EXPIRES_SOON_DAYS, Certificate, judge
from voicedr.runtime.sipkit.requests import Here
from voicedr.runtime.sipkit.standing import is_ours
from voicedr.runtime.sipkit.targets import Target
from voicedr.wire.sip.framing import Framing
from voicedr.wire.sip.messages import MalformedSip, Request, Response, parse

MESSAGES_WAITING_MAX = 64
"""On one line. Who sends more before it is read is not answering us."""

READ_BYTES = 65_536
NO_CHECK_TIME = 0x200000
"""OpenSSL's X509_V_FLAG_NO_CHECK_TIME: the dates are judged by us, so that other mistakes are seen too."""

PARTIAL_CHAIN = 0x80000
"""OpenSSL's X509_V_FLAG_PARTIAL_CHAIN: trust what was shown, to be able to read it."""


class LineDown(Exception):
    """There is no way to this address, or there is none any more.

    Attributes:
        ours: Whether it is because of this machine.
    """

    def __init__(self, why: str, *, ours: bool = False) -> None:
        super().__init__(why)
        self.ours = ours


class Trust:
    """Whose signatures on certificates are believed.

    Args:
        ca_file: Only these authorities; None believes those that this machine does.
        soon_days: Fewer days than these until a certificate ends are a finding.

    Raises:
        OSError: If the file cannot be read.
        ssl.SSLError: If there is no certificate in it.
    """

    def __init__(self, ca_file: Path | None = None, soon_days: float = EXPIRES_SOON_DAYS) -> None:
        self.soon_days = soon_days
        self.checking = ssl.create_default_context(cafile=None if ca_file is None else str(ca_file))
        self.checking.check_hostname = False
        self.checking.verify_flags |= NO_CHECK_TIME
        self.blind = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self.blind.check_hostname = False
        self.blind.verify_mode = ssl.CERT_NONE
        for context in (self.checking, self.blind):
            # https://www.twilio.com/docs/sip-trunking: TLS 1.2 or later.
            context.minimum_version = ssl.TLSVersion.TLSv1_2

    def only(self, shown: bytes) -> ssl.SSLContext:
        """One that believes this very certificate, and nobody else."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_flags |= NO_CHECK_TIME | PARTIAL_CHAIN
        context.load_verify_locations(cadata=shown)
        return context


class Line:
    """A way to one address. Made by ``open_line``."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.reliable = target.transport != "udp"
        self.here = Here(target.transport, "", 0)
        self.certificate: Certificate | None = None
        self._waiting: asyncio.Queue[Request | Response | LineDown] = asyncio.Queue(MESSAGES_WAITING_MAX)

    def send(self, message: Request | Response) -> None:
        """Put a message on the way."""
        raise NotImplementedError  # Each kind of line has its own.

    def close(self) -> None:
        """Let it go, at once."""
        raise NotImplementedError  # Each kind of line has its own.

    async def receive(self) -> Request | Response:
        """The next message. What cannot be read as SIP is passed over.

        Raises:
            LineDown: If none can come any more.
        """
        got = await self._waiting.get()
        if isinstance(got, LineDown):
            raise got
        return got

    def _take(self, data: bytes) -> None:
        with suppress(MalformedSip, asyncio.QueueFull):
            self._waiting.put_nowait(parse(data))

    def _down(self, why: str, *, ours: bool = False) -> None:
        with suppress(asyncio.QueueFull):
            self._waiting.put_nowait(LineDown(why, ours=ours))


class _Datagrams(Line, asyncio.DatagramProtocol):
    _transport: asyncio.DatagramTransport

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self.here = Here("udp", *transport.get_extra_info("sockname")[:2])

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self._take(data)

    def error_received(self, exc: Exception) -> None:
        if isinstance(exc, ConnectionRefusedError):
            self._down("refused: nobody listens on this UDP port")
        else:
            self._down(_words(exc), ours=isinstance(exc, OSError) and is_ours(exc))

    def send(self, message: Request | Response) -> None:
        self._transport.sendto(bytes(message))

    def close(self) -> None:
        self._transport.abort()


class _Stream(Line):
    def __init__(self, target: Target, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        super().__init__(target)
        self._reader, self._writer = reader, writer
        self.here = Here(target.transport, *writer.get_extra_info("sockname")[:2])
        self._reading = asyncio.ensure_future(self._read())

    def send(self, message: Request | Response) -> None:
        self._writer.write(bytes(message))

    def close(self) -> None:
        self._reading.cancel()
        self._writer.transport.abort()

    async def _read(self) -> None:
        framing = Framing()
        try:
            while data := await self._reader.read(READ_BYTES):
                for message in framing.feed(data):
                    self._take(message)
            self._down("it closed the connection")
        except MalformedSip as exc:
            self._down(f"what it says is not SIP: {exc}")
        except OSError as exc:
            self._down(_words(exc))


async def open_line(target: Target, ends_at: float, *, trust: Trust | None = None, source: str | None = None) -> Line:
    """A way to an address.

    Args:
        ends_at: By the loop's clock.
        trust: Whose signatures on certificates are believed; None believes those that this machine does.
        source: The address of this machine to come from; None leaves it to the system.

    Raises:
        LineDown: If there is none. Nothing is left open.
    """
    doing = "answer to SYN" if target.transport == "tcp" else "TLS handshake"
    try:
        async with asyncio.timeout_at(ends_at):
            if target.transport == "udp":
                return await _datagrams(target, source)
            if target.transport == "tcp":
                return _Stream(target, *await _connected(target, source, None))
            return await _secured(target, source, trust or Trust())
    except TimeoutError as exc:
        raise LineDown(f"no {doing} in time") from exc
    except ssl.SSLError as exc:
        raise LineDown(f"no TLS: {_tls_words(exc)}") from exc
    except ConnectionRefusedError as exc:
        raise LineDown("refused: nobody listens on this port") from exc
    except OSError as exc:
        ours = is_ours(exc) or "no matching local address" in str(exc)
        raise LineDown(f"{'no TLS: ' if target.transport == 'tls' else ''}{_words(exc)}", ours=ours) from exc
    except ValueError as exc:
        # What asyncio says of a source and a target of different families.
        raise LineDown(f"cannot be reached from {source}: {exc}", ours=True) from exc


async def _datagrams(target: Target, source: str | None) -> Line:
    _, line = await asyncio.get_running_loop().create_datagram_endpoint(
        partial(_Datagrams, target),
        remote_addr=(target.address, target.port),
        local_addr=None if source is None else (source, 0),
    )
    return line


async def _connected(
    target: Target, source: str | None, context: ssl.SSLContext | None
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection(
        target.address, target.port, ssl=context, server_hostname=None if context is None else target.name,
        local_addr=None if source is None else (source, 0),
    )  # fmt: skip


async def _secured(target: Target, source: str | None, trust: Trust) -> Line:
    """With TLS: first as one who checks; if that fails as one who does not, and then to read what was shown."""
    now, why = datetime.now(UTC), ""
    try:
        reader, writer = await _connected(target, source, trust.checking)
        shown = writer.get_extra_info("peercert")
    except ssl.SSLCertVerificationError as exc:
        why = exc.verify_message
        reader, writer = await _connected(target, source, trust.blind)
        try:
            there = writer.get_extra_info("ssl_object").getpeercert(True)
            _, reading = await _connected(target, source, trust.only(there))
        except BaseException:
            writer.transport.abort()
            raise
        shown = reading.get_extra_info("peercert")
        reading.transport.abort()
    line = _Stream(target, reader, writer)
    line.certificate = judge(shown, target.name, now, why_untrusted=why, soon_days=trust.soon_days)
    return line


def new_token() -> str:
    """An id that nobody else has."""
    return secrets.token_hex(8)


def _words(exc: Exception) -> str:
    return (getattr(exc, "strerror", None) or str(exc) or type(exc).__name__).lower()


def _tls_words(exc: ssl.SSLError) -> str:
    reason = (exc.reason or str(exc)).replace("_", " ").lower()
    if reason in ("wrong version number", "record layer failure", "packet length too long"):
        return f"{reason}; this port seems to speak plain SIP"
    return reason
