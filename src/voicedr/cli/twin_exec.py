"""``voicedr twin exec``: a command with the environment in which official clients, unchanged, reach a twin.

What each client reads was tried: Python's ``requests`` reads ``HTTPS_PROXY`` and ``REQUESTS_CA_BUNDLE``; the official
library for Node ``HTTP_PROXY``, for https URLs too, and ``NODE_EXTRA_CA_CERTS``; whatever asks OpenSSL for its default
``SSL_CERT_FILE``; curl ``CURL_CA_BUNDLE``. The async client of the official library for Python reads no proxy: that
needs ``--hosts``.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import typer

from voicedr.twin.server.private_hosts import PrivateHosts, named_by, private_hosts

NOT_FOUND, NOT_EXECUTABLE = 127, 126
"""What a shell exits with for a command that is not there or cannot be run."""

_PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY")
_AUTHORITIES = ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "CURL_CA_BUNDLE")


def environment(
    before: Mapping[str, str], at: str, client: Mapping[str, Any], ca_file: Path, region: str | None, *, proxy: bool
) -> dict[str, str]:
    """The environment of the command.

    Args:
        before: The environment to change. Its proxies and everything that begins with TWILIO are taken out.
        at: The twin's own address.
        client: What ``GET /_twin/client`` answers.
        region: Whose credentials are given, with its Region and edge; None gives us1's and names neither.
        proxy: False for a command that finds the twin by the hosts' names.
    """
    made = {
        name: value
        for name, value in before.items()
        if name.upper() not in _PROXIES and not name.startswith("TWILIO_") and name != "SSL_CERT_DIR"
    }
    made |= dict.fromkeys(_AUTHORITIES, str(ca_file))
    if proxy:
        for name in ("HTTPS_PROXY", "HTTP_PROXY"):
            made[name] = made[name.lower()] = client["proxy"]
        made["NO_PROXY"] = made["no_proxy"] = "127.0.0.1,localhost,::1"
    key = client["credentials"][region or "us1"]
    made["TWILIO_ACCOUNT_SID"] = client["account_sid"]
    made["TWILIO_AUTH_TOKEN"] = key["auth_token"]
    if "api_key" in key:
        made |= {"TWILIO_API_KEY": key["api_key"], "TWILIO_API_SECRET": key["api_secret"]}
    if region is not None:
        made |= {"TWILIO_REGION": region, "TWILIO_EDGE": client["edges"][region]}
    made["VOICEDR_TWIN"] = at
    return made


async def run(
    command: Sequence[str], at: str, client: Mapping[str, Any], directory: Path, region: str | None, *, hosts: bool
) -> int:
    """Run a command and give its exit code: 128 and the signal's number if a signal ended it.

    Args:
        directory: An empty one, for the authority's certificate and the hosts file.
        hosts: Let the command find the provider's names at this machine, for clients that read no proxy.

    Raises:
        CannotOverlay: If ``hosts`` cannot be had here. Nothing was run.
    """
    ca_file = directory / "ca.pem"
    ca_file.write_text(client["ca_pem"], encoding="ascii")
    made = environment(os.environ, at, client, ca_file, region, proxy=not hosts)
    async with _overlay(client["proxy"], client.get("dns", ""), directory, wanted=hosts) as overlay:
        words = [*command] if overlay is None else overlay.inside(command)
        try:
            process = await asyncio.create_subprocess_exec(*words, env=made)
        except FileNotFoundError:
            return NOT_FOUND
        except OSError:
            return NOT_EXECUTABLE
        with _signals_passed_to(process):
            code = await process.wait()
    return 128 - code if code < 0 else code


@asynccontextmanager
async def _overlay(proxy: str, dns: str, directory: Path, *, wanted: bool) -> AsyncIterator[PrivateHosts | None]:
    if not wanted:
        yield None
        return
    async with private_hosts(proxy, directory, dns) as overlay:
        if dns and not named_by(dns):
            typer.echo(
                f"voicedr twin exec: the twin's name server is at {dns}, and /etc/resolv.conf can name no port but 53: "
                "the provider's names for SIP do not resolve in this command. Start the twin as root and without "
                "--dns-port.",
                err=True,
            )
        yield overlay


class _signals_passed_to:
    """SIGTERM goes to the command meanwhile; Ctrl-C, which the terminal sends to both, ends only the command."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._loop = asyncio.get_running_loop()

    def __enter__(self) -> None:
        self._loop.add_signal_handler(signal.SIGTERM, self._pass_on)
        self._loop.add_signal_handler(signal.SIGINT, lambda: None)

    def __exit__(self, *_: object) -> None:
        self._loop.remove_signal_handler(signal.SIGTERM)
        self._loop.remove_signal_handler(signal.SIGINT)

    def _pass_on(self) -> None:
        with suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGTERM)
