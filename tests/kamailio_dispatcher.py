"""Kamailio as an SBC that spreads calls over targets by its dispatcher, and is steered by JSON-RPC.

It is configured as ``docs/sip_kit.md`` tells: targets in a list file, JSON-RPC over HTTP and on a datagram socket.
"""

from __future__ import annotations

import csv
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kamailio_peer import MODULES, kamailio
from sipp_peer import TAKES_THE_CALL, address, receive, reply, sipp

START_S = 40.0

CONFIGURATION = """#!KAMAILIO
debug=1
log_stderror=yes
fork=yes
children=1
tcp_children=1
auto_aliases=no
dns=no
rev_dns=no
listen=udp:{host}:5060
listen=tcp:{host}:5060
http_reply_parse=yes
mpath="{modules}/"
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "maxfwd.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "xhttp.so"
loadmodule "jsonrpcs.so"
{dispatcher}
modparam("tm", "fr_timer", 4000)
modparam("tm", "fr_inv_timer", 30000)
modparam("jsonrpcs", "transport", 5)
modparam("jsonrpcs", "dgram_socket", "{run}/rpc.sock")
{dispatching}

event_route[xhttp:request] {{
    if ($hu == "/RPC") {{ jsonrpc_dispatch(); exit; }}
    xhttp_reply("404", "Not Here", "text/plain", "nothing here");
}}

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
DISPATCHING = """modparam("dispatcher", "list_file", "{list}")
modparam("dispatcher", "flags", 2)
modparam("dispatcher", "ds_ping_interval", 1)
modparam("dispatcher", "ds_probing_mode", 1)
modparam("dispatcher", "ds_inactive_threshold", 2)
modparam("dispatcher", "ds_probing_threshold", 2)
modparam("dispatcher", "reload_delta", 1)
"""
ROUTE = 'if (!ds_select_dst("1", "4")) { sl_send_reply("503", "No Target"); exit; }'


@dataclass
class Steerable:
    """A Kamailio that runs."""

    process: subprocess.Popen[bytes]
    host: str
    http: str
    unix: str
    list_file: Path
    log: Path

    def kill(self) -> None:
        """All its processes die without a word."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@contextmanager
def steerable(directory: Path, targets: Sequence[str], *, dispatcher: bool = True) -> Iterator[Steerable]:
    """Run one with these targets in set 1 until the block is left.

    Args:
        dispatcher: Whether the module is loaded.
    """
    program = kamailio()
    host = address()
    run = directory / host.replace(".", "-")
    run.mkdir()
    list_file, configuration, log = run / "dispatcher.list", run / "kamailio.cfg", run / "log"
    list_file.write_text("".join(f"1 {target} 0\n" for target in targets))
    configuration.write_text(
        CONFIGURATION.format(
            host=host, run=run, modules=MODULES, route=ROUTE if dispatcher else "",
            dispatcher='loadmodule "dispatcher.so"' if dispatcher else "",
            dispatching=DISPATCHING.format(list=list_file) if dispatcher else "",
        )
    )  # fmt: skip
    with log.open("wb") as written:
        process = subprocess.Popen(
            [program, "-f", str(configuration), "-DD", "-E", "-m", "32", "-M", "8", "-Y", str(run), "-P",
             str(run / "pid"), "-w", str(run)],
            stdin=subprocess.DEVNULL, stdout=written, stderr=written, start_new_session=True,
        )  # fmt: skip
    there = Steerable(process, host, f"http://{host}:5060/RPC", f"unix:{run}/rpc.sock", list_file, log)
    try:
        _wait(there)
        yield there
    finally:
        if process.poll() is None:
            there.kill()


def _wait(there: Steerable) -> None:
    ends = time.monotonic() + START_S
    while time.monotonic() < ends:
        assert there.process.poll() is None, there.log.read_text(errors="replace")[-3000:]
        try:
            socket.create_connection((there.host, 5060), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            if Path(there.unix.removeprefix("unix:")).exists():
                return
    raise AssertionError(f"Kamailio does not answer: {there.log.read_text(errors='replace')[-3000:]}")


CALLS = """<?xml version="1.0"?>
<scenario name="calls"><send retrans="500" start_rtd="1"><![CDATA[
INVITE sip:+442079460123@{place} SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:+14155600000@[local_ip]>;tag=[pid]t[call_number]
To: <sip:+442079460123@{place}>
Call-ID: [call_id]
CSeq: 1 INVITE
Contact: <sip:pbx@[local_ip]:[local_port]>
Max-Forwards: 70
Content-Type: application/sdp
Content-Length: [len]

v=0
o=pbx 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [local_ip]
t=0 0
m=audio 6000 RTP/AVP 0

]]></send>
<recv response="100" optional="true"/><recv response="180" optional="true"/><recv response="200" rtd="1" rrs="true"/>
<send><![CDATA[
ACK [next_url] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
[routes]
[last_From:]
[last_To:]
Call-ID: [call_id]
CSeq: 1 ACK
Max-Forwards: 70
Content-Length: 0

]]></send><pause milliseconds="200"/>
<send retrans="500"><![CDATA[
BYE [next_url] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
[routes]
[last_From:]
[last_To:]
Call-ID: [call_id]
CSeq: 2 BYE
Max-Forwards: 70
Content-Length: 0

]]></send><recv response="200"/></scenario>
"""

_TAKES = tuple(
    step.replace('<recv request="INVITE">', '<recv request="INVITE" rrs="true">').replace(
        "[last_Via:]\n", "[last_Via:]\n[last_Record-Route:]\n"
    )
    for step in TAKES_THE_CALL
)
_PINGED = """<send><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:];tag=[pid]p[call_number]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

]]></send>"""

PHONE = (
    '<recv request="OPTIONS" optional="true" next="1"/>', *_TAKES, receive("BYE"), reply(200, "OK"), '<nop next="2"/>',
    '<label id="1"/>', _PINGED, '<label id="2"/>', '<nop/>',
)  # fmt: skip
"""A target of the dispatcher: it answers pings; it rings, picks up at once, and is hung up."""


@contextmanager
def calling(directory: Path, sbc: Steerable, *, calls: int, per_s: int) -> Iterator[subprocess.Popen[bytes]]:
    """SIPp places calls at a steady pace; its exit code is 0 only if every call went through every step."""
    scenario = directory / "calls.xml"
    scenario.write_text(CALLS.format(place=f"{sbc.host}:5060"))
    process = subprocess.Popen(
        [sipp(), f"{sbc.host}:5060", "-sf", str(scenario), "-i", address(), "-m", str(calls), "-r", str(per_s),
         "-nostdin", "-timeout", "30", "-timeout_error", "-trace_rtt", "-rtt_freq", "1"],
        cwd=directory, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env={**os.environ, "TERM": "dumb"},
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def waited_s(directory: Path) -> list[float]:
    """Seconds from each INVITE to its answer, of the load that ran there."""
    (file,) = directory.glob("calls*_rtt.csv")
    with file.open() as rows:
        return [float(row["response_time_ms"]) / 1000 for row in csv.DictReader(rows, delimiter=";")]
