"""SIPp as the customer's equipment: a SIP peer that we did not write (Debian's package sip-tester).

A peer is a list of steps. SIPp keeps to its own idea of RFC 3261 and exits with 0 only if every call went through every
step, so its exit code is a judgement of ours.
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
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

PACKAGE = "sip-tester"
INSTALL_S = 300
REMEMBERED = {
    "from": ("From", ".*"), "to": ("To", ".*"), "via": ("Via", ".*"), "cseq": ("CSeq", ".*"),
    "contact": ("Contact", "sip:[^&gt;]*"),
}  # fmt: skip
"""Headers of the INVITE, and what of them is kept."""


def sipp() -> str:
    """Where SIPp is. Installed if we may; else the test is skipped with the reason."""
    with (Path(tempfile.gettempdir()) / "voicedr-sipp.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        found = shutil.which("sipp")
        if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
            subprocess.run(
                ["apt-get", "install", "-y", "-q", PACKAGE], capture_output=True, timeout=INSTALL_S, check=False
            )
            found = shutil.which("sipp")
    if found is None:
        pytest.skip(f"SIPp is not there and cannot be installed by this user: install the package {PACKAGE}")
    return found


def address() -> str:
    """An address on this machine that no other test uses."""
    one, two, three = secrets.token_bytes(3)
    return f"127.{100 + one % 100}.{two}.{1 + three % 250}"


def _send(head: str, body: str, repeated: bool) -> str:
    text = f"{head}Content-Length: [len]\n\n{body}"
    again = ' retrans="500"' if repeated else ""
    return f"<send{again}><![CDATA[\n{text}\n]]></send>"


def receive(method: str) -> str:
    """Wait for a request; the headers of an INVITE are remembered."""
    remembered = ""
    if method == "INVITE":
        remembered = "".join(
            f'<ereg regexp="{wanted}" search_in="hdr" header="{header}:" assign_to="{name}"/>'
            for name, (header, wanted) in REMEMBERED.items()
        )
    if remembered:
        remembered = f"<action>{remembered}</action>"
    return f'<recv request="{method}">{remembered}</recv>'


def reply(code: int, reason: str, *, sdp: bool = False, repeated: bool = False, to_invite: bool = False) -> str:
    """Answer what came last, or the INVITE, however long ago it came."""
    body = (
        "v=0\no=sipp 1 1 IN IP4 [local_ip]\ns=-\nc=IN IP4 [local_ip]\nt=0 0\nm=audio 6000 RTP/AVP 0 101\n"
        "a=rtpmap:0 PCMU/8000\na=rtpmap:101 telephone-event/8000\n"
    )
    typed = "Content-Type: application/sdp\n" if sdp else ""
    tag = ";tag=[pid]p[call_number]"
    if to_invite:
        copied = f"Via:[$via]\nFrom:[$from]\nTo:[$to]{tag}\n[last_Call-ID:]\nCSeq:[$cseq]\n"
    else:
        copied = f"[last_Via:]\n[last_From:]\n[last_To:]{tag}\n[last_Call-ID:]\n[last_CSeq:]\n"
    contact = "Contact: <sip:sbc@[local_ip]:[local_port];transport=[transport]>\n"
    return _send(f"SIP/2.0 {code} {reason}\n{copied}{contact}{typed}", body if sdp else "", repeated)


def request(method: str, sequence: int, body: str = "", content_type: str = "") -> str:
    """Send a request within the dialog, from the callee's side."""
    typed = f"Content-Type: {content_type}\n" if body else ""
    return _send(
        f"{method} [$contact] SIP/2.0\nVia: SIP/2.0/[transport] [local_ip]:[local_port];"
        f"branch=[branch]\nFrom:[$to];tag=[pid]p[call_number]\nTo:[$from]\n[last_Call-ID:]\nCSeq: {sequence} {method}\n"
        f"Contact: <sip:sbc@[local_ip]:[local_port];transport=[transport]>\nMax-Forwards: 70\n{typed}",
        body,
        method != "ACK",
    )


def lossy(step: str, percent: int) -> str:
    """The same, but so many of these messages are lost on their way."""
    return step.replace("<send", f'<send lost="{percent}"', 1).replace("<recv", f'<recv lost="{percent}"', 1)


def response(code: int) -> str:
    """Wait for a response."""
    return f'<recv response="{code}"/>'


def pause(milliseconds: int) -> str:
    """Let time pass."""
    return f'<pause milliseconds="{milliseconds}"/>'


TAKES_THE_CALL = (
    receive("INVITE"), reply(180, "Ringing"), reply(200, "OK", sdp=True, repeated=True), receive("ACK"),
)  # fmt: skip
TALKS_AND_HANGS_UP = (*TAKES_THE_CALL, pause(200), request("BYE", 1), response(200))


def refuses(code: int, reason: str) -> tuple[str, ...]:
    """Refuse a call, and get the ACK of it."""
    return receive("INVITE"), reply(code, reason, repeated=True), receive("ACK")


@dataclass
class Peer:
    """A SIPp that runs."""

    process: subprocess.Popen[bytes]
    host: str
    port: int
    messages: Path

    def kill(self) -> None:
        """It dies without a word."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def verdict(self, timeout_s: float = 10) -> int:
        """Its exit code: 0 if every call went as it should. Only with ``calls``."""
        return self.process.wait(timeout=timeout_s)

    def heard(self) -> str:
        """Every message it sent and got, as text."""
        return self.messages.read_text(errors="replace") if self.messages.exists() else ""

    def invites(self) -> int:
        """How many calls have arrived, repetitions apart."""
        lines = self.heard().splitlines()
        return len({line for at, line in enumerate(lines) if line.lower().startswith("call-id:") and "INVITE" in
                    "".join(lines[at : at + 2])})  # fmt: skip


@contextmanager
def peer(
    directory: Path, *steps: str, calls: int | None = None, transport: str = "u1", port: int = 5060, host: str = ""
) -> Iterator[Peer]:
    """Run SIPp with these steps until the block is left.

    Args:
        calls: End after so many.
        transport: SIPp's own name: ``u1`` is UDP, ``t1`` is TCP.
        host: Its address; empty takes a new one.
    """
    host = host or address()
    name = host.replace(".", "-")
    scenario, messages = directory / f"{name}.xml", directory / f"{name}.log"
    used = f'<Reference variables="{",".join(REMEMBERED)}"/>'
    scenario.write_text(f'<?xml version="1.0"?>\n<scenario name="peer">{"".join(steps)}{used}</scenario>')
    limit = [] if calls is None else ["-m", str(calls)]
    process = subprocess.Popen(
        [sipp(), "-sf", str(scenario), "-i", host, "-p", str(port), "-t", transport, "-nostdin", "-trace_msg",
         "-message_file", str(messages), "-message_overwrite", "true", *limit],
        cwd=directory, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        env={**os.environ, "TERM": "dumb"},
    )  # fmt: skip
    try:
        _wait_until_bound(process, host, port, transport)
        yield Peer(process, host, port, messages)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        if process.stderr is not None:
            process.stderr.close()


def _wait_until_bound(process: subprocess.Popen[bytes], host: str, port: int, transport: str) -> None:
    kind = socket.SOCK_STREAM if transport.startswith("t") else socket.SOCK_DGRAM
    for _ in range(200):
        assert process.poll() is None, process.stderr and process.stderr.read()
        with socket.socket(socket.AF_INET, kind) as probe:
            try:
                probe.bind((host, port))
            except OSError:
                return
        time.sleep(0.02)
    raise AssertionError(f"SIPp does not listen on {host}:{port}")
