"""Kamailio as the customer's SBC: a proxy that we did not write (Debian's packages kamailio and kamailio-tls-modules).

A test says what its routes do; the rest of the configuration is here. It is what an engineer would write: stateful, in
the path of every request of a call, and after 4 s without any response it goes on to the next address of a name. There
is one worker: two of them now and then change the order of a 180 and a 200 that come back to back.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from sipp_peer import address

PACKAGES = ("kamailio", "kamailio-tls-modules")
INSTALL_S = 300
START_S = 40.0
MODULES = Path("/usr/lib/x86_64-linux-gnu/kamailio/modules")

CONFIGURATION = """#!KAMAILIO
debug=1
log_stderror=yes
fork=yes
children=1
tcp_children=1
auto_aliases=no
dns=no
rev_dns=no
dns_try_ipv6=no
use_dns_cache=yes
use_dns_failover=yes
dns_retr_time=1
dns_retr_no=2
{listening}
mpath="{modules}/"
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "maxfwd.so"
loadmodule "textops.so"
loadmodule "siputils.so"
{loaded}
modparam("tm", "fr_timer", 4000)
modparam("tm", "fr_inv_timer", 30000)
{settings}

request_route {{
    if (!mf_process_maxfwd_header("20")) {{ sl_send_reply("483", "Too Many Hops"); exit; }}
    if (is_method("CANCEL")) {{ if (t_check_trans()) t_relay(); exit; }}
    if (has_totag()) {{
        if (loose_route()) {{ t_relay(); exit; }}
        if (is_method("ACK")) {{ if (t_check_trans()) t_relay(); exit; }}
        sl_send_reply("404", "Not Here");
        exit;
    }}
    t_check_trans();
    if (is_method("OPTIONS")) {{ sl_send_reply("200", "OK"); exit; }}
    if (!is_method("INVITE")) {{ sl_send_reply("405", "Method Not Allowed"); exit; }}
    record_route();
    {route}
    t_relay();
    exit;
}}
"""

TLS_LOADED = 'loadmodule "tls.so"'
TLS_SETTINGS = """modparam("tls", "config", "{file}")"""
TLS_FILE = """[server:default]
method = TLSv1.2+
verify_certificate = no
require_certificate = no
certificate = {own}
private_key = {own}

[client:default]
method = TLSv1.2+
verify_certificate = yes
require_certificate = yes
ca_list = {ca_file}
"""


def kamailio(*, tls: bool = False) -> str:
    """Where Kamailio is. Installed if we may; else the test is skipped with the reason."""
    with (Path(tempfile.gettempdir()) / "voicedr-kamailio.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        found = _found(tls)
        if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
            # A package may start what it brings; that would take the ports.
            subprocess.run(
                ["apt-get", "install", "-y", "-q", *PACKAGES], capture_output=True, timeout=INSTALL_S, check=False,
                env={**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"},
            )  # fmt: skip
            found = _found(tls)
    if found is None:
        pytest.skip(f"Kamailio is not there and cannot be installed by this user: install {' and '.join(PACKAGES)}")
    return found


def _found(tls: bool) -> str | None:
    program = shutil.which("kamailio")
    return program if MODULES.exists() and (not tls or (MODULES / "tls.so").exists()) else None


@dataclass
class Kamailio:
    """A Kamailio that runs."""

    process: subprocess.Popen[bytes]
    host: str
    port: int
    log: Path

    def kill(self) -> None:
        """All its processes die without a word."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@contextmanager
def kamailio_running(
    directory: Path,
    route: str,
    *,
    ca_file: Path | None = None,
    inside: Callable[[Sequence[str]], list[str]] = list,
    port: int = 5060,
) -> Iterator[Kamailio]:
    """Run one on an address of its own until the block is left.

    Args:
        route: Statements for each new INVITE, before it is relayed.
        ca_file: With it TLS can be spoken, and only with who proves to be of this authority.
        inside: Puts words before the command, e.g. those that give it other names.
    """
    program = kamailio(tls=ca_file is not None)
    host = address()
    run = directory / host.replace(".", "-")
    run.mkdir()
    listening, loaded, settings = f"listen=udp:{host}:{port}", "", ""
    if ca_file is None:
        listening += "\ndisable_tcp=yes"
    else:
        tls_file = run / "tls.cfg"
        tls_file.write_text(TLS_FILE.format(ca_file=ca_file, own=_certificate(run)))
        listening += f"\nenable_tls=yes\nlisten=tls:{host}:{port + 1}"
        loaded, settings = TLS_LOADED, TLS_SETTINGS.format(file=tls_file)
    configuration, log = run / "kamailio.cfg", run / "log"
    configuration.write_text(
        CONFIGURATION.format(listening=listening, modules=MODULES, loaded=loaded, settings=settings, route=route)
    )
    command = [program, "-f", str(configuration), "-DD", "-E", "-m", "32", "-M", "8", "-Y", str(run),
               "-P", str(run / "pid"), "-w", str(run)]  # fmt: skip
    with log.open("wb") as written:
        process = subprocess.Popen(
            inside(command), stdin=subprocess.DEVNULL, stdout=written, stderr=written, start_new_session=True
        )
    there = Kamailio(process, host, port, log)
    try:
        _wait_until_it_answers(there)
        yield there
    finally:
        if process.poll() is None:
            there.kill()


def _certificate(directory: Path) -> Path:
    """A key and a certificate of its own, which Kamailio does not start without."""
    key, certificate, both = directory / "key.pem", directory / "certificate.pem", directory / "own.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=sbc.acme.example",
         "-keyout", str(key), "-out", str(certificate)],
        capture_output=True, timeout=30, check=True,
    )  # fmt: skip
    both.write_text(key.read_text() + certificate.read_text())
    return both


def _wait_until_it_answers(there: Kamailio) -> None:
    probe = (
        "OPTIONS sip:probe@{0}:{1} SIP/2.0\r\nVia: SIP/2.0/UDP {2}:{3};branch=z9hG4bK{4};rport\r\nFrom: "
        "<sip:probe@{2}>;tag=a\r\nTo: <sip:probe@{0}>\r\nCall-ID: {4}\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\n"
        "Content-Length: 0\r\n\r\n"
    )
    ends = time.monotonic() + START_S
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.bind(("127.0.0.1", 0))
        asking.settimeout(0.1)
        while time.monotonic() < ends:
            assert there.process.poll() is None, there.log.read_text(errors="replace")[-3000:]
            text = probe.format(there.host, there.port, *asking.getsockname(), os.urandom(6).hex())
            try:
                asking.sendto(text.encode(), (there.host, there.port))
                asking.recv(4096)
            except (TimeoutError, ConnectionError):
                time.sleep(0.05)
            else:
                return
    raise AssertionError(f"Kamailio does not answer: {there.log.read_text(errors='replace')[-3000:]}")
