"""Looking at the network without changing anything: what a name leads to, and whether a place shakes hands.

A resolver may hang for longer than anybody has. It is asked in a thread that nobody waits for at the end, so that a
name which does not answer costs its own limit and no more.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import Callable, Sequence
from ipaddress import ip_address
from typing import TypeVar

NAME_S_MAX = 4.0
CONNECT_S_MAX = 4.0

T = TypeVar("T")


class NotReached(Exception):
    """It could not be reached: why, in words."""


async def aside(work: Callable[[], T], seconds: float) -> T:
    """Something that blocks, in a thread that does not outlive the program.

    Raises:
        TimeoutError: If it takes longer. It goes on aside, and nobody waits for it.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def finish(result: T | None, error: BaseException | None) -> None:
        if done.cancelled():
            return
        if error is not None:
            done.set_exception(error)
        else:
            done.set_result(result)  # type: ignore[arg-type]

    def run() -> None:
        result, failed = None, None
        try:
            result = work()
        except Exception as exc:
            failed = exc
        if not loop.is_closed():
            loop.call_soon_threadsafe(finish, result, failed)

    threading.Thread(target=run, daemon=True).start()
    return await asyncio.wait_for(done, seconds)


async def addresses(host: str) -> tuple[str, ...]:
    """The addresses of a host, sorted. A port behind it is left out.

    Raises:
        NotReached: If the name leads nowhere, or nobody says in time.
    """
    name = _name(host)
    try:
        found = await aside(lambda: socket.getaddrinfo(name, None, type=socket.SOCK_STREAM), NAME_S_MAX)
    except TimeoutError as exc:
        raise NotReached(f"no resolver said within {NAME_S_MAX:g} s where {name} is") from exc
    except (OSError, UnicodeError) as exc:
        raise NotReached(f"{name} leads nowhere ({getattr(exc, 'strerror', None) or exc})") from exc
    return tuple(sorted({str(one[4][0]) for one in found}))


async def addresses_of(hosts: Sequence[str]) -> dict[str, tuple[str, ...] | str]:
    """The addresses of hosts, or why they are not known; all at once."""

    async def one(host: str) -> tuple[str, ...] | str:
        try:
            return await addresses(host)
        except NotReached as exc:
            return str(exc)

    return dict(zip(hosts, await asyncio.gather(*map(one, hosts)), strict=True))


async def handshake(host: str, address: str, port: int, *, tls: bool) -> str:
    """Connect to an address of a host, shake hands, and hang up. Gives what was seen, in words.

    Raises:
        NotReached: If there is no connection, or the certificate is not good for this host.
    """
    context = ssl.create_default_context() if tls else None
    try:
        async with asyncio.timeout(CONNECT_S_MAX):
            _, writer = await asyncio.open_connection(address, port, ssl=context, server_hostname=host if tls else None)
    except TimeoutError as exc:
        raise NotReached(f"{host}:{port} did not answer within {CONNECT_S_MAX:g} s") from exc
    except ssl.SSLCertVerificationError as exc:
        raise NotReached(f"the certificate of {host} is not good ({exc.verify_message})") from exc
    except (OSError, ssl.SSLError) as exc:
        raise NotReached(f"{host}:{port} cannot be connected to ({exc.strerror or exc})") from exc
    seen = writer.get_extra_info("ssl_object")
    words = f"{host}:{port} answers" + (f", {seen.version()}" if seen is not None else ", without TLS")
    writer.transport.abort()
    return words


def _name(host: str) -> str:
    name = host.rpartition("@")[2]
    if name.startswith("["):
        return name.partition("]")[0][1:]
    name = name.partition(":")[0] if name.count(":") == 1 else name
    try:
        return str(ip_address(name))
    except ValueError:
        return name
