"""The provider's names at this machine, seen by one command only: for clients that read no proxy.

The command runs in a mount namespace of its own (unshare(1)), in which ``/etc/hosts`` gives each name an address of
127.0.0.0/8, and the only name server is the twin's, which forwards nothing, or none: nothing meant for the twin reaches
the provider. Names for SIP, which have several addresses or SRV, are the name server's. At port 443 of each
address a forwarder asks the twin's proxy for the name that the address stands for: what a fault does to a Region, it
does here too.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import struct
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from ipaddress import IPv4Address
from pathlib import Path
from urllib.parse import urlsplit

from voicedr.twin.api.hosts import OTHER_PRODUCTS, SERVED_PRODUCTS, read_host
from voicedr.twin.server.names import DNS_PORT
from voicedr.twin.world.model import EDGES, REGIONS
from voicedr.wire.http import Failure

HTTPS_PORT = 443
CHUNK_BYTES = 64 * 1024
ANSWER_BYTES_MAX = 4096
SPEAKS_S_MAX = 5.0
"""A client that connects and says nothing is waited for so long before it is cut off."""

TRIES_MAX = 8
"""Blocks of addresses that are tried; another command's may be in use."""

NETWORK = int(IPv4Address("127.64.0.0"))
BLOCK = 512
"""Addresses for one command; ``names`` is shorter."""

_SCRIPT = (
    'mount --bind "$1" /etc/hosts && { [ ! -e /etc/resolv.conf ] || mount --bind "$2" /etc/resolv.conf; } '
    '|| { echo "voicedr twin: the hosts overlay could not be mounted; nothing was run." >&2; exit 2; }\n'
    'shift 2; exec "$@"'
)


class CannotOverlay(OSError):
    """The names cannot be put there. Nothing was run and nothing is different."""


def names() -> tuple[str, ...]:
    """Every name of the provider that resolves, also those that fail in TLS."""
    places = ["", "us1."]
    places += [f"{edge}.{region}." for region in REGIONS for edge in ("roaming", *EDGES)]
    every = (f"{product}.{place}twilio.com" for product in (*SERVED_PRODUCTS, *OTHER_PRODUCTS) for place in places)
    return tuple(name for name in every if read_host(name) is not Failure.NAME_NOT_FOUND)


@dataclass(frozen=True, slots=True)
class PrivateHosts:
    """Files that stand in for ``/etc/hosts`` and ``/etc/resolv.conf``."""

    hosts_file: Path
    resolver_file: Path

    def inside(self, command: Sequence[str]) -> list[str]:
        """The words that run a command where they do."""
        opening = ["unshare", "--mount", "--propagation", "private", "sh", "-c", _SCRIPT, "sh"]
        return [*opening, str(self.hosts_file), str(self.resolver_file), *command]


@asynccontextmanager
async def private_hosts(proxy: str, directory: Path, dns: str = "") -> AsyncIterator[PrivateHosts]:
    """Serve port 443 of the names' addresses while the context lasts.

    Args:
        proxy: The twin's proxy, e.g. ``"http://127.0.0.1:8741"``.
        directory: Where the two files are written.
        dns: Address and port of the twin's name server. Only one at port 53 is of use: ``/etc/resolv.conf`` names no
            port. Without it no name server answers.

    Raises:
        CannotOverlay: If this is not Linux, not root, or the addresses cannot be used. Nothing is left open.
    """
    if sys.platform != "linux" or os.geteuid() != 0 or shutil.which("unshare") is None:
        raise CannotOverlay(
            "--hosts needs Linux, root and unshare(1), for a mount namespace with its own /etc/hosts and "
            "/etc/resolv.conf, and for port 443. Run it as root, or leave --hosts out for a client that reads "
            "HTTPS_PROXY; SIP equipment can be pointed at the edges' addresses, or at the twin's name server"
        )
    sockets = _listen(names())
    forwarder = _Forwarder({address: name for name, (address, _) in sockets.items()}, urlsplit(proxy).port or 80)
    servers = [await asyncio.start_server(forwarder.serve, sock=opened) for _, opened in sockets.values()]
    hosts_file, resolver_file = directory / "hosts", directory / "resolv.conf"
    lines = [f"{address} {name}" for name, (address, _) in sockets.items()]
    hosts_file.write_text("\n".join([_present_hosts(), *lines, ""]), encoding="utf-8")
    nobody = next(iter(sockets.values()))[0]
    resolver_file.write_text(f"nameserver {named_by(dns) or nobody}\noptions attempts:1 timeout:1\n")
    try:
        yield PrivateHosts(hosts_file, resolver_file)
    finally:
        for server in servers:
            server.close()


def named_by(dns: str) -> str:
    """The address to write into ``/etc/resolv.conf`` for a name server; empty if it cannot be written there."""
    address, _, port = dns.rpartition(":")
    return address if port == str(DNS_PORT) else ""


def _listen(wanted: Sequence[str]) -> dict[str, tuple[str, socket.socket]]:
    """Each name's address and the socket that listens there."""
    reason: OSError | None = None
    for attempt in range(TRIES_MAX):
        first = NETWORK + ((os.getpid() + attempt * 61) % 4096) * BLOCK + 1
        opened: dict[str, tuple[str, socket.socket]] = {}
        try:
            for offset, name in enumerate(wanted):
                address = str(IPv4Address(first + offset))
                listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
                opened[name] = (address, listener)
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                listener.bind((address, HTTPS_PORT))
                listener.listen()
        except OSError as exc:
            reason = exc
            for _, listener in opened.values():
                listener.close()
        else:
            return opened
    raise CannotOverlay(f"port {HTTPS_PORT} of 127.64.0.0/11 cannot be used: {reason}. End what listens on 0.0.0.0:443")


def _present_hosts() -> str:
    try:
        return Path("/etc/hosts").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "127.0.0.1 localhost"


class _Forwarder:
    """Takes connections at a name's address to the twin's proxy, and asks it for the name."""

    def __init__(self, name_of: dict[str, str], proxy_port: int) -> None:
        self._name_of = name_of
        self._proxy_port = proxy_port

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, to the end of its bytes; one that the proxy refuses is reset."""
        name = self._name_of[writer.get_extra_info("sockname")[0]]
        inner: asyncio.StreamWriter | None = None
        try:
            inner_reader, inner = await asyncio.open_connection("127.0.0.1", self._proxy_port)
            inner.write(f"CONNECT {name}:{HTTPS_PORT} HTTP/1.1\r\nHost: {name}:{HTTPS_PORT}\r\n\r\n".encode())
            answer = await inner_reader.readuntil(b"\r\n\r\n")
            if not answer.startswith(b"HTTP/1.1 200"):
                # Once it has spoken it knows that it is connected; sooner, a reset would look as if nobody listened.
                with suppress(TimeoutError):
                    async with asyncio.timeout(SPEAKS_S_MAX):
                        await reader.read(1)
                _reset(writer)
                return
            await _first_to_end(_pump(reader, inner), _pump(inner_reader, writer))
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            # The twin ended, or let a held connection go.
            _reset(writer)
        finally:
            writer.close()
            if inner is not None:
                inner.close()


async def _first_to_end(*ways: object) -> None:
    tasks = {asyncio.ensure_future(way) for way in ways}  # type: ignore[call-overload]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while chunk := await reader.read(CHUNK_BYTES):
        writer.write(chunk)
        await writer.drain()


def _reset(writer: asyncio.StreamWriter) -> None:
    connection = writer.get_extra_info("socket")
    if connection is not None:
        with suppress(OSError):  # It may be closed already.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
