"""OpenSSH keys of people, each made and used in a home of its own, as on a laptop of theirs."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

APPROVAL = "voicedr-approval"


@cache
def ssh_keygen() -> str:
    """The program; where it is not installed and we may install it, it is."""
    if shutil.which("ssh-keygen") is None and os.getuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "install", "-y", "openssh-client"], check=False, capture_output=True, timeout=120)
    found = shutil.which("ssh-keygen")
    if found is None:
        pytest.skip("ssh-keygen is not installed and cannot be installed here: apt-get install openssh-client")
    return found


@cache
def cut_off() -> tuple[str, ...]:
    """What runs a command without any network, where the kernel lets us; else nothing."""
    command = ("unshare", "--user", "--map-root-user", "--net")
    if shutil.which("unshare") is None:
        return ()
    tried = subprocess.run([*command, "true"], check=False, capture_output=True, timeout=10)
    return command if tried.returncode == 0 else ()


@dataclass(frozen=True)
class Laptop:
    """Somebody's machine: a home with a key in it, and no network."""

    home: Path
    kind: str = "ed25519"

    @property
    def key(self) -> Path:
        """The private key."""
        return self.home / ".ssh" / f"id_{self.kind}"

    @property
    def public(self) -> str:
        """The line of the ``.pub`` file."""
        return self.key.with_name(f"{self.key.name}.pub").read_text(encoding="utf-8").strip()

    def sign(self, statement: str, namespace: str = APPROVAL) -> str:
        """What plain ``ssh-keygen`` writes for a text."""
        file = self.home / "approval.txt"
        file.write_bytes(statement.encode())
        made = file.with_name("approval.txt.sig")
        made.unlink(missing_ok=True)
        self._run(*cut_off(), ssh_keygen(), "-Y", "sign", "-n", namespace, "-f", str(self.key), str(file))
        return made.read_text(encoding="ascii")

    def _run(self, *command: str) -> None:
        env = {"HOME": str(self.home), "PATH": os.environ["PATH"]}
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=30, env=env)
        assert done.returncode == 0, done.stderr


def laptop(home: Path, kind: str = "ed25519") -> Laptop:
    """A new machine with a new key."""
    made = Laptop(home, kind)
    made.key.parent.mkdir(parents=True)
    made._run(ssh_keygen(), "-q", "-t", kind, "-N", "", "-C", "", "-f", str(made.key))
    return made
