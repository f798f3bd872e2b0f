"""Prism serving the provider's own OpenAPI documents: what others use to stand in for an API.

Both come from npm and are installed once into the user's cache. Prism answers with the examples of the documents; it
keeps nothing.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PRISM, DOCUMENTS = "@stoplight/prism-cli@5.16.0", "@twilio/cli-core@9.0.0"
INSTALL_S_MAX = 240.0
READY_S_MAX = 60.0


class NoPrism(Exception):
    """Prism cannot be had here: why, and what to install."""


@contextmanager
def prism(document: str, core: int) -> Iterator[tuple[int, int]]:
    """Prism with one document, such as ``routes_v2``, on a core; its port and its process id.

    Raises:
        NoPrism: If it cannot be installed or does not start.
    """
    modules = _installed() / "node_modules"
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    file = modules / "@twilio" / "cli-core" / "src" / "services" / "twilio-api" / f"twilio_{document}.json"
    command = [str(modules / ".bin" / "prism"), "mock", "-h", "127.0.0.1", "-p", str(port), "-v", "silent", str(file)]
    process = subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=lambda: os.sched_setaffinity(0, {core}),
    )
    try:
        _wait_for(process, port)
        yield port, process.pid
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _installed() -> Path:
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        raise NoPrism("not compared with Prism: node and npm are not on this machine; install nodejs and npm")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "voicedr-bench"
    cache.mkdir(parents=True, exist_ok=True)
    folder = cache / f"prism-{PRISM.rpartition('@')[2]}"
    with (cache / "prism.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            _install(npm, folder)
    return folder


def _install(npm: str, folder: Path) -> None:
    """Install beside it and rename, so that a folder that is there is whole."""
    beside = Path(tempfile.mkdtemp(prefix="prism-", dir=folder.parent))
    try:
        (beside / "package.json").write_text(json.dumps({"private": True}))
        command = [npm, "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", PRISM, DOCUMENTS]
        done = subprocess.run(command, cwd=beside, capture_output=True, text=True, timeout=INSTALL_S_MAX, check=False)
        if done.returncode != 0:
            raise NoPrism(f"not compared with Prism: npm could not install it ({done.stderr.strip()[-200:]})")
        beside.rename(folder)
    except subprocess.TimeoutExpired as exc:
        raise NoPrism(f"not compared with Prism: npm did not install it within {INSTALL_S_MAX:g} s") from exc
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _wait_for(process: subprocess.Popen[bytes], port: int) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + READY_S_MAX
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise NoPrism(f"not compared with Prism: it ended with code {process.returncode} before it was ready")
        try:
            opener.open(f"http://127.0.0.1:{port}/", timeout=2)
        except urllib.error.HTTPError:
            return  # It answers: there is nothing at the root.
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise NoPrism(f"not compared with Prism: it was not ready within {READY_S_MAX:g} s")
