"""Packages of Node clients, installed once into a folder of the user's cache and used by every later run."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

INSTALL_S_MAX = 240.0
"""``twilio-cli`` takes 40 s on two cores with a good line."""


def installed(package: str, version: str) -> Path:
    """The folder with the package's ``node_modules``; the test is skipped if it cannot be had here."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip(f"{package} {version} needs node and npm, and they are not on this machine: install nodejs and npm")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "voicedr-tests"
    cache.mkdir(parents=True, exist_ok=True)
    name = package.replace("/", "-")  # a scope is no folder of ours
    folder = cache / f"{name}-{version}"
    with (cache / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            _install(package, version, folder)
    return folder


def _install(package: str, version: str, folder: Path) -> None:
    """Install beside it and rename, so that a folder that is there is whole."""
    beside = Path(tempfile.mkdtemp(prefix=f"{folder.name}-", dir=folder.parent))
    try:
        (beside / "package.json").write_text(json.dumps({"private": True}))
        command = ["npm", "install", "--no-audit", "--no-fund", "--fetch-retries=1", "--fetch-retry-mintimeout=1000"]
        done = subprocess.run(
            [*command, f"{package}@{version}"],
            cwd=beside,
            capture_output=True,
            text=True,
            timeout=INSTALL_S_MAX,
            check=False,
        )
        if done.returncode != 0:
            pytest.skip(f"npm could not install {package} {version}: {done.stderr.strip()[-300:]}")
        beside.rename(folder)
    except subprocess.TimeoutExpired:
        pytest.skip(f"npm did not install {package} {version} within {INSTALL_S_MAX:g} s")
    finally:
        shutil.rmtree(beside, ignore_errors=True)
