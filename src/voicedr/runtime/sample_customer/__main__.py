"""One process of the sample application: ``python -m voicedr.runtime.sample_customer --help``.

Prints one JSON line when it answers, ``{"url": …, "pid": …}``, and ends with code 0 on SIGTERM or SIGINT.
Exit codes: 0 ended as asked, 2 wrong use, a broken file, or an address that cannot be had.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import socket
import stat
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import uvicorn

from voicedr.runtime.sample_customer.app import create_app
from voicedr.runtime.sample_customer.settings import ROLES, Settings

_TOKENS_VARIABLE = "ACME_AUTH_TOKENS"
_OPERATOR_VARIABLE = "ACME_OPERATOR_TOKEN"

_SHUTDOWN_S_MAX = 5
"""Requests in flight get so long to end; a webhook takes milliseconds."""


class _Unusable(Exception):
    """What the user gave cannot be used: what, how it stands, and the next step."""


class _Server(uvicorn.Server):
    """Says where it listens, once it does."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and sockets:
            host, port = sockets[0].getsockname()[:2]
            ready = {"url": f"http://{host}:{port}", "pid": os.getpid()}
            sys.stdout.write(msgspec.json.encode(ready).decode() + "\n")
            sys.stdout.flush()


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until told to end, and give the exit code."""
    options = _parser().parse_args(arguments)
    try:
        _run(_settings(options), options)
    except _Unusable as problem:
        sys.stderr.write(f"sample-customer: {problem}\n")
        return 2
    return 0


def _run(settings: Settings, options: argparse.Namespace) -> None:
    if options.stop_on_eof and not _can_be_watched(sys.stdin.fileno()):
        raise _Unusable("standard input is neither a pipe nor a terminal; connect a pipe, or leave --stop-on-eof out")
    listener = _listen(options.host, options.port)
    # uvicorn raises the signal again after its own shutdown; this makes that the ordinary end.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    config = uvicorn.Config(
        create_app(settings),
        lifespan="off",
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_SHUTDOWN_S_MAX,
    )
    asyncio.run(_serve(_Server(config), listener, options.stop_on_eof))


def _can_be_watched(descriptor: int) -> bool:
    """False for a plain file and for /dev/null, whose end would never be told."""
    mode = os.fstat(descriptor).st_mode
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) or os.isatty(descriptor)


def _listen(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port))
    except OSError as error:
        raise _Unusable(
            f"{host}:{port} cannot be listened on ({error.strerror}); choose another --port, or 0 for a free one"
        ) from error


async def _serve(server: _Server, listener: socket.socket, stop_on_eof: bool) -> None:
    if stop_on_eof:
        await asyncio.get_running_loop().connect_read_pipe(lambda: _StopOnEof(server), sys.stdin)
    await server.serve(sockets=[listener])


class _StopOnEof(asyncio.Protocol):
    """Ends the server when whoever holds the other end of our standard input is gone, however it went."""

    def __init__(self, server: _Server) -> None:
        self._server = server

    def connection_lost(self, exc: Exception | None) -> None:
        self._server.should_exit = True


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m voicedr.runtime.sample_customer", description=__doc__)
    parser.add_argument("--role", choices=ROLES, required=True)
    parser.add_argument("--region", default="none", help="the Region this process stands beside; none for a fallback")
    parser.add_argument("--home-region", default="us1", help="the Region of an ordinary day (us1)")
    parser.add_argument("--instance", help="its name in /health (ROLE-REGION)")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 is a free one (0)")
    parser.add_argument("--context", type=Path, help="the document that says which Region is active")
    parser.add_argument(
        "--auth-tokens", type=Path, help=f"JSON file, auth token by Region; else the same JSON in ${_TOKENS_VARIABLE}"
    )
    parser.add_argument(
        "--operator-token",
        type=Path,
        help=f"file with the operator's token; else ${_OPERATOR_VARIABLE}, else no switch",
    )
    parser.add_argument("--public-url", help="scheme and host as the provider knows them, behind a proxy")
    parser.add_argument("--stop-on-eof", action="store_true", help="end when standard input is closed")
    return parser


def _settings(options: argparse.Namespace) -> Settings:
    if options.role != "fallback" and options.region == "none":
        raise _Unusable(f"a {options.role} process stands beside a Region; say which, e.g. --region us1")
    if not 0 <= options.port <= 65535:
        raise _Unusable(f"--port {options.port} is no port; give one from 0 to 65535")
    return Settings(
        role=options.role,
        region=options.region,
        instance=options.instance or f"{options.role}-{options.region}",
        auth_tokens=_auth_tokens(options.auth_tokens),
        now=lambda: datetime.now(UTC),
        context_path=options.context,
        home_region=options.home_region,
        operator_token=_operator_token(options.operator_token),
        public_url=options.public_url,
    )


def _auth_tokens(path: Path | None) -> dict[str, str]:
    where = f"${_TOKENS_VARIABLE}" if path is None else str(path)
    content = os.environ.get(_TOKENS_VARIABLE, "").encode() if path is None else _read(path)
    if not content.strip():
        raise _Unusable(f"{where}: no auth tokens, so every webhook would be refused; give --auth-tokens FILE")
    try:
        tokens = msgspec.json.decode(content, type=dict[str, str])
    except msgspec.DecodeError as error:
        raise _Unusable(f'{where}: not auth tokens by Region ({error}); write {{"us1": "…", "ie1": "…"}}') from error
    if not tokens or not all(tokens.values()):
        raise _Unusable(f"{where}: an auth token is empty or there is none; write one for each Region")
    return tokens


def _operator_token(path: Path | None) -> str | None:
    if path is None:
        return os.environ.get(_OPERATOR_VARIABLE) or None
    token = _read(path).decode("utf-8", "replace").strip()
    if not token:
        raise _Unusable(f"{path}: the operator's token is empty; write one into it, or leave --operator-token out")
    return token


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise _Unusable(f"{path}: cannot be read ({error.strerror}); check the path and its permissions") from error


if __name__ == "__main__":
    sys.exit(main())
