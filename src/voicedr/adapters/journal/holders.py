"""Who holds a lease, and whether that process is still there.

A holder is ``user@host:pid/began/place``. ``began`` is when the pid began, in clock ticks since boot, since pids come
round again. ``place`` names the running kernel and its pid namespace, since hosts may have the same name and a
container counts its own pids. A holder of an older release has no place, and its host's name must do.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path


def this_holder(user: str, host: str) -> str:
    """This process as a lease names it."""
    return f"{user}@{host}:{os.getpid()}/{_began(os.getpid())}/{_place()}"


def holder_is_gone(holder: str) -> bool:
    """True only if the holder was a process of this host and is certainly no more."""
    seen = _process_here(holder)
    return seen is not None and not seen


def holder_lives_here(holder: str) -> bool:
    """True only if the holder is a process of this host that is there now, even if it is stopped."""
    return bool(_process_here(holder))


def _process_here(holder: str) -> bool | None:
    """Whether the holder's process is there; None if it is not a process of this host, or cannot be known."""
    where, _, process = holder.rpartition(":")
    pid_text, _, rest = process.partition("/")
    began, _, place = rest.partition("/")
    if where.rpartition("@")[2] != os.uname().nodename or not pid_text.isdigit() or place not in ("", _place()):
        return None
    return _began(int(pid_text)) == began


def _began(pid: int) -> str:
    """When a process began, in clock ticks since boot; empty if there is no such process, or only its remains."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()
    return "" if fields[0] in ("Z", "X") else fields[19]


def _place() -> str:
    """The running kernel and its pid namespace, in 8 hex digits; empty where the system does not tell."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return hashlib.sha256(f"{boot} {os.readlink('/proc/self/ns/pid')}".encode()).hexdigest()[:8]
    except OSError:
        return ""
