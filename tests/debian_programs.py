"""Programs of Debian's that a test judges the product by."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

PACKAGES = {
    "baresip": "baresip-core", "unshare": "util-linux", "ip": "iproute2", "espeak-ng": "espeak-ng", "sox": "sox",
    "nft": "nftables", "iptables-restore": "iptables", "etcd": "etcd-server",
    "haproxy": "haproxy",
}  # fmt: skip
INSTALL_S = 300


def programs(*names: str) -> None:
    """Make sure of these Debian programs. Installed if we may; else the test is skipped with the reason."""
    with (Path(tempfile.gettempdir()) / "voicedr-programs.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for name in names:
            if shutil.which(name) is None and os.geteuid() == 0 and shutil.which("apt-get"):
                subprocess.run(
                    ["apt-get", "install", "-y", "-q", "--no-install-recommends", PACKAGES[name]],
                    capture_output=True, timeout=INSTALL_S, check=False,
                )  # fmt: skip
            if shutil.which(name) is None:
                pytest.skip(f"{name} is not there and cannot be installed by this user: install {PACKAGES[name]}")
