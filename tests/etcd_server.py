"""Real etcd servers (Debian's package etcd-server) on 127.0.0.1, ended by their pids."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from debian_programs import programs

START_S_MAX = 30.0


@dataclass
class Etcd:
    """One server."""

    folder: Path
    port: int
    peer_port: int
    process: subprocess.Popen[bytes] | None = None

    def address(self, key: str = "voicedr/app") -> str:
        """The address of a key."""
        return f"etcd:http://127.0.0.1:{self.port}/{key}"

    def start(self) -> None:
        """Start it and come back when it answers."""
        here, peer = f"http://127.0.0.1:{self.port}", f"http://127.0.0.1:{self.peer_port}"
        setpriv = shutil.which("setpriv")
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [*([setpriv, "--pdeathsig", "KILL"] if setpriv else []), "etcd", "--data-dir",
                 str(self.folder / "data"), "--listen-client-urls", here, "--advertise-client-urls", here,
                 "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer,
                 "--initial-cluster", f"default={peer}", "--log-level", "error"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        deadline = time.monotonic() + START_S_MAX
        while not self.answers():
            said = (self.folder / "log").read_text(errors="replace")[-2000:]
            assert self.process.poll() is None, said
            assert time.monotonic() < deadline, said
            time.sleep(0.05)

    def answers(self) -> bool:
        """Whether it is healthy now."""
        with (
            contextlib.suppress(OSError),
            urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=1) as it,
        ):
            return b"true" in it.read()
        return False

    def kill(self) -> None:
        """It dies at once."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()


@contextmanager
def etcd_server() -> Iterator[Etcd]:
    """A server of its own until the block is left."""
    programs("etcd")
    folder = Path(tempfile.mkdtemp(prefix="voicedr-etcd-"))
    server = Etcd(folder, _free_port(), _free_port())
    try:
        server.start()
        yield server
    finally:
        server.kill()
        shutil.rmtree(folder, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
