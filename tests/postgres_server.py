"""PostgreSQL servers of our own (Debian's package postgresql), on 127.0.0.1, with fsync on, ended by their pids.

A server does not run as root, so root starts it as the user ``postgres``.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

PACKAGE = "postgresql"
USER = "voicedr"
INSTALL_S, START_S_MAX = 300, 60.0
ROOT = os.geteuid() == 0
DEBIAN = Path("/usr/lib/postgresql")


def programs() -> Path:
    """The folder of PostgreSQL's programs. Installed if we may; else the test is skipped with the reason."""
    with (Path(tempfile.gettempdir()) / "voicedr-postgresql.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if _newest() is None and ROOT and shutil.which("apt-get"):
            subprocess.run(
                ["apt-get", "install", "-y", "-q", "--no-install-recommends", PACKAGE],
                env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
                capture_output=True,
                timeout=INSTALL_S,
                check=False,
            )
    found = _newest()
    if found is None:
        pytest.skip(f"PostgreSQL is not there and cannot be installed by this user: install the package {PACKAGE}")
    return found


def _newest() -> Path | None:
    folders = [one / "bin" for one in DEBIAN.glob("[0-9]*") if (one / "bin" / "initdb").exists()]
    if folders:
        return max(folders, key=lambda one: int(one.parent.name))
    here = shutil.which("initdb")
    return None if here is None else Path(here).resolve().parent


@dataclass
class Server:
    """One server."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None
    databases: list[str] = field(default_factory=list)

    @property
    def data(self) -> Path:
        """Its data directory."""
        return self.folder / "data"

    def url(self, database: str = "postgres") -> str:
        """The address of a database."""
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Start it and come back when it answers."""
        log = (self.folder / "log").open("ab")
        self.process = subprocess.Popen(
            [*_ends_with_us(), str(programs() / "postgres"), "-D", str(self.data), "-p", str(self.port),
             "-h", "127.0.0.1", "-c", f"unix_socket_directories={self.folder}", "-c", "max_wal_senders=4",
             "-c", "wal_level=replica", "-c", "shared_buffers=16MB", "-c", "max_connections=60"],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, **_not_root(),
        )  # fmt: skip
        log.close()
        deadline = time.monotonic() + START_S_MAX
        while not self.answers():
            said = (self.folder / "log").read_text(errors="replace")[-2000:]
            assert self.process.poll() is None, said
            assert time.monotonic() < deadline, said
            time.sleep(0.05)

    def answers(self) -> bool:
        """Whether one can log in now."""
        import psycopg

        with suppress(psycopg.Error), psycopg.connect(self.url(), connect_timeout=2):
            return True
        return False

    def sql(self, text: Any, database: str = "postgres") -> list[Any]:
        """Run one statement and give its rows."""
        import psycopg

        with psycopg.connect(self.url(database), autocommit=True) as connection:
            cursor = connection.execute(text)
            return cursor.fetchall() if cursor.description else []

    def database(self) -> str:
        """A new empty database, by its address."""
        name = f"j{secrets.token_hex(6)}"
        self.sql(f"CREATE DATABASE {name}")
        return self.url(name)

    def stop(self) -> None:
        """End it in order: what is open is cut off."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self) -> None:
        """It and all its processes die at once."""
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def promote(self) -> None:
        """Make a primary of a standby."""
        _run("pg_ctl", "promote", "-D", str(self.data), "-W")


@contextmanager
def postgres_server() -> Iterator[Server]:
    """A server of its own until the block is left."""
    with _folder() as folder:
        _run("initdb", "-D", str(folder / "data"), "-A", "trust", "-U", USER, "-E", "UTF8", "--locale=C", "--no-sync")
        server = Server(folder, _free_port())
        server.start()
        try:
            yield server
        finally:
            server.stop()


@contextmanager
def replicated() -> Iterator[tuple[Server, Server]]:
    """A primary and its synchronous standby: what is committed is on both disks."""
    with postgres_server() as primary, _folder() as folder:
        _run("pg_basebackup", "-d", primary.url(), "-D", str(folder / "data"), "-R", "-X", "stream", "-c", "fast")
        standby = Server(folder, _free_port())
        standby.start()
        try:
            primary.sql("ALTER SYSTEM SET synchronous_standby_names = '*'")
            primary.sql("SELECT pg_reload_conf()")
            deadline = time.monotonic() + START_S_MAX
            while primary.sql("SELECT sync_state FROM pg_stat_replication") != [("sync",)]:
                assert time.monotonic() < deadline, "the standby never became synchronous"
                time.sleep(0.05)
            yield primary, standby
        finally:
            primary.kill()
            standby.stop()


def either(first: Server, second: Server, database: str) -> str:
    """One address for both."""
    return f"postgresql://{USER}@127.0.0.1:{first.port},127.0.0.1:{second.port}/{database}"


@contextmanager
def _folder() -> Iterator[Path]:
    """A folder that the server's user can reach."""
    folder = Path(tempfile.mkdtemp(prefix="voicedr-pg-"))
    if ROOT:
        shutil.chown(folder, "postgres", "postgres")
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _ends_with_us() -> list[str]:
    """What lets the server die with the thread that started it, also if the tests are killed and tidy nothing up."""
    setpriv = shutil.which("setpriv")
    return [] if setpriv is None else [setpriv, "--pdeathsig", "KILL"]


def _not_root() -> dict[str, Any]:
    return {"user": "postgres", "group": "postgres", "extra_groups": []} if ROOT else {}


def _run(program: str, *arguments: str) -> None:
    done = subprocess.run(
        [str(programs() / program), *arguments],
        capture_output=True, text=True, timeout=START_S_MAX, check=False, cwd="/", **_not_root(),
    )  # fmt: skip
    assert done.returncode == 0, f"{program}: {done.stdout}{done.stderr}"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """One server for all tests of a worker; each makes a database of its own."""
    with postgres_server() as server:
        yield server
