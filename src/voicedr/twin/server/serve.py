"""The twin on sockets: plain HTTP, TLS with its own authority, and a proxy for official clients. All on 127.0.0.1."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from uvicorn.config import Config
from uvicorn.server import ServerState

from voicedr.twin.control.access import Access
from voicedr.twin.server.asgi import Application, BreakableProtocol
from voicedr.twin.server.certificates import Authority, hosts_context
from voicedr.twin.server.proxy import HEAD_BYTES_MAX, Proxy
from voicedr.twin.twin import Twin

ADDRESS = "127.0.0.1"
BACKLOG = 2048


class PortInUse(OSError):
    """Somebody else listens there. Nothing was started."""

    def __init__(self, port: int, reason: str) -> None:
        super().__init__(f"port {port} on {ADDRESS} cannot be used: {reason}")
        self.port = port


@dataclass(frozen=True, slots=True)
class Serving:
    """Where the twin is.

    Attributes:
        sip: Every edge's addresses, if SIP is real; else empty.
        sip_tls: The same for TLS.
        dns: Address and port of the name server, if there is one; else empty.
    """

    http_port: int
    tls_port: int
    proxy_port: int
    ca_file: Path
    sip: dict[str, list[str]] = field(default_factory=dict)
    sip_tls: dict[str, list[str]] = field(default_factory=dict)
    dns: str = ""

    @property
    def http(self) -> str:
        """The address of plain HTTP: the control API, and the provider for clients that set ``Host``."""
        return f"http://{ADDRESS}:{self.http_port}"

    @property
    def proxy(self) -> str:
        """The address for ``HTTPS_PROXY``."""
        return f"http://{ADDRESS}:{self.proxy_port}"


@asynccontextmanager
async def serving(
    twin: Twin,
    directory: Path,
    *,
    http_port: int = 0,
    proxy_port: int = 0,
    authority: Authority | None = None,
    dns: str = "",
) -> AsyncIterator[Serving]:
    """Serve a twin while the context lasts. Port 0 takes a free one.

    Args:
        directory: Where the authority's certificate is written.
        authority: Signs what TLS shows; None makes one.
        dns: Where the name server is, for clients that are told.

    Raises:
        PortInUse: If a port is taken. Nothing is left open.
    """
    loop = asyncio.get_running_loop()
    config = Config(
        Application(twin), http=BreakableProtocol, lifespan="off", log_config=None, access_log=False, ws="none",
        date_header=False, server_header=False,
    )  # fmt: skip
    config.load()
    state = ServerState()
    authority = authority or Authority(directory)
    ca_file, context = authority.file, hosts_context(authority)

    def protocol() -> BreakableProtocol:
        return BreakableProtocol(config=config, server_state=state, app_state={}, _loop=loop)

    listening: list[socket.socket] = []
    servers: list[asyncio.Server] = []
    try:
        for port in (http_port, 0, proxy_port):
            listening.append(_listen(port))
        tls_port = _port(listening[1])
        proxy = Proxy(twin, tls_port)
        servers.append(await loop.create_server(protocol, sock=listening[0], backlog=BACKLOG))
        servers.append(await loop.create_server(protocol, sock=listening[1], ssl=context, backlog=BACKLOG))
        servers.append(await asyncio.start_server(proxy.serve, sock=listening[2], limit=HEAD_BYTES_MAX))
        where = Serving(_port(listening[0]), tls_port, _port(listening[2]), ca_file, dns=dns)
        twin.reached_by(Access(where.proxy, ca_file.read_text(encoding="ascii"), dns))
        yield where
    finally:
        twin.reached_by(None)
        for server in servers:
            server.close()
        for connection in list(state.connections):
            connection.transport.abort()
        for task in list(state.tasks):
            task.cancel()
        await asyncio.gather(*state.tasks, return_exceptions=True)
        for open_socket in listening:
            open_socket.close()


def _listen(port: int) -> socket.socket:
    opened = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        opened.bind((ADDRESS, port))
    except OSError as exc:
        opened.close()
        raise PortInUse(port, exc.strerror or str(exc)) from exc
    return opened


def _port(opened: socket.socket) -> int:
    port: int = opened.getsockname()[1]
    return port
