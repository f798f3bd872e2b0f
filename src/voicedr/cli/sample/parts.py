"""The parts of the sample deployment: what each is, where it listens, and the command that starts it."""

from __future__ import annotations

import json
import os
import shutil
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from voicedr.cli.demo.made_secrets import new_credentials, write_secret
from voicedr.cli.failures import WRONG_USE, Stop
from voicedr.runtime.sample_deployment.account import account, fallback_policy, token_settings, webhook
from voicedr.runtime.sample_deployment.balancer import HEALTH_PATH, haproxy_configuration

PROGRAMS = {"haproxy": "haproxy", "etcd": "etcd-server"}
"""Programs that are not ours, and Debian's package of each."""

HOSTS = {
    "twin": "127.0.0.1",
    "us1-balancer": "127.0.1.1", "us1-a": "127.0.1.11", "us1-b": "127.0.1.12", "store-1": "127.0.1.21",
    "tokens-a": "127.0.1.31",
    "ie1-balancer": "127.0.2.1", "ie1-a": "127.0.2.11", "ie1-b": "127.0.2.12", "store-2": "127.0.2.21",
    "tokens-b": "127.0.2.31",
    "fallback": "127.0.3.1", "store-3": "127.0.3.21",
}  # fmt: skip
"""One address each: 127.0.1.0 stands for us1's place, 127.0.2.0 for ie1's, 127.0.3.0 for a third one."""

STORES = ("store-1", "store-2", "store-3")
PROPAGATION_S = 3.0
HEARTBEAT_MS, ELECTION_MS = 50, 500
"""etcd's are 100 and 1000. On one machine a leader is missed sooner; between places keep its own."""


@dataclass(frozen=True)
class Part:
    """One process.

    Attributes:
        what: What it is, for people.
        url: Where it listens.
        health: The path that answers when it is ready.
        words: The command.
    """

    name: str
    what: str
    url: str
    health: str
    words: tuple[str, ...]

    @property
    def address(self) -> str:
        """``HOST:PORT``."""
        return urlsplit(self.url).netloc


@dataclass(frozen=True)
class Plan:
    """All parts, and what clients of them need."""

    folder: Path
    parts: Mapping[str, Part]
    backend_secret: Path


def plan(folder: Path, seed: int) -> Plan:
    """Choose free ports, write every file, and give the parts.

    Raises:
        Stop: If a program is missing, or this machine has no other loopback addresses.
    """
    _programs_must_be_there()
    (folder / "secrets").mkdir(parents=True, exist_ok=True, mode=0o700)
    (folder / "logs").mkdir(exist_ok=True)
    at = {name: f"{host}:{_free_port(host)}" for name, host in HOSTS.items()}
    peers = {name: f"{HOSTS[name]}:{_free_port(HOSTS[name])}" for name in STORES}
    credentials = {region: new_credentials() for region in ("us1", "ie1", "au1")}
    account_sid = "AC" + new_credentials()["auth_token"]
    tokens = {region: has["auth_token"] for region, has in credentials.items()}
    all_tokens = write_secret(folder, "auth-tokens.json", json.dumps(tokens))
    backend = write_secret(folder, "backend", new_credentials()["api_secret"])
    context = folder / "active-region.json"
    context.write_text(json.dumps({"region": "us1", "epoch": 1}))
    url = {name: f"http://{place}" for name, place in at.items()}
    balancers = {region: url[f"{region}-balancer"] for region in ("us1", "ie1")}
    _write(folder / "account.json", account(account_sid, balancers, url["fallback"], credentials, PROPAGATION_S))
    token_files = {region: f"file:{write_secret(folder, f'{region}.token', tokens[region])}" for region in balancers}
    _write(folder / "fallback.json", fallback_policy(token_files))
    keys = {
        region: (
            credentials[region]["api_key"],
            f"file:{write_secret(folder, f'{region}.secret', credentials[region]['api_secret'])}",
        )
        for region in balancers
    }
    _write(folder / "tokens.json", token_settings(account_sid, str(context.resolve()), f"file:{backend}", keys))
    for region in balancers:
        instances = {f"{region}-{one}": at[f"{region}-{one}"] for one in "ab"}
        (folder / f"{region}.cfg").write_text(haproxy_configuration(at[f"{region}-balancer"], instances))

    python = sys.executable
    parts: dict[str, Part] = {}

    def part(name: str, what: str, health: str, *words: str) -> None:
        parts[name] = Part(name, what, url[name], health, words)

    part(
        "twin", "the provider", "/_twin/health", python, "-m", "voicedr.cli.twin", "up", "--json",
        "--port", at["twin"].rpartition(":")[2], "--proxy-port", "0", "--account", str(folder / "account.json"),
        "--seed", str(seed),
    )  # fmt: skip
    cluster = ",".join(f"{name}=http://{peers[name]}" for name in STORES)
    for name in STORES:
        part(
            name, "a node of the store (etcd)", "/health", "etcd", "--name", name,
            "--data-dir", str(folder / name), "--listen-client-urls", url[name], "--advertise-client-urls", url[name],
            "--listen-peer-urls", f"http://{peers[name]}", "--initial-advertise-peer-urls", f"http://{peers[name]}",
            "--initial-cluster", cluster, "--heartbeat-interval", str(HEARTBEAT_MS),
            "--election-timeout", str(ELECTION_MS),
        )  # fmt: skip
    for region in balancers:
        part(
            f"{region}-balancer", f"the balancer of {region} (HAProxy)", HEALTH_PATH,
            "haproxy", "-db", "-f", str(folder / f"{region}.cfg"),
        )  # fmt: skip
        for one in "ab":
            name = f"{region}-{one}"
            part(
                name, f"an instance in {region}", "/ready", python, "-m", "voicedr.runtime.sample_deployment",
                "--instance", name, "--host", HOSTS[name], "--port", at[name].rpartition(":")[2],
                *(word for store in STORES for word in ("--store", at[store])), "--context", str(context),
                "--auth-tokens", f"file:{all_tokens}", "--public-url", balancers[region],
                "--overrides", webhook(balancers[region], region).partition("#")[2],
            )  # fmt: skip
    part(
        "fallback", "the fallback app", "/health", python, "-m", "voicedr.cli.fallback", "serve",
        "--policy", str(folder / "fallback.json"), "--host", HOSTS["fallback"],
        "--port", at["fallback"].rpartition(":")[2],
    )  # fmt: skip
    for name in ("tokens-a", "tokens-b"):
        part(
            name, "a token service", "/health", python, "-m", "voicedr.cli.tokens", "serve",
            str(folder / "tokens.json"), "--host", HOSTS[name], "--port", at[name].rpartition(":")[2],
            "--instance", name,
        )  # fmt: skip
    return Plan(folder, parts, backend)


def _programs_must_be_there() -> None:
    missing = [package for program, package in PROGRAMS.items() if shutil.which(program, path=search_path()) is None]
    if missing:
        raise Stop(
            f"the sample deployment needs {' and '.join(missing)}, which this machine does not have; nothing was"
            f" started. On Debian or Ubuntu: apt install {' '.join(missing)}",
            WRONG_USE,
        )


def search_path() -> str:
    """Where programs are looked for; HAProxy is in /usr/sbin, which not everybody's PATH has."""
    return os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])


def _free_port(host: str) -> int:
    with socket.socket() as probe:
        try:
            probe.bind((host, 0))
        except OSError as exc:
            raise Stop(
                f"{host} is not an address of this machine ({exc.strerror}); nothing was started. Linux has all of"
                f" 127.0.0.0/8; elsewhere add it, e.g. ifconfig lo0 alias {host}",
                WRONG_USE,
            ) from exc
        return int(probe.getsockname()[1])


def _write(path: Path, content: object) -> None:
    """Write JSON that only its owner reads: the account holds the twin's keys."""
    path.touch(mode=0o600)
    path.write_text(json.dumps(content, indent=1))
