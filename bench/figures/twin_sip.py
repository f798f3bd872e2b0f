"""SIP calls per second that the twin carries on one core, beside its SIP stack with nothing behind it.

SIPp calls over UDP from the other core: INVITE, ACK, BYE. The twin finds the trunk and its Region, checks address and
caller, rings a simulated party that answers at once, and writes the call log; the bare answerer lets everybody in and
answers. Step by step the rate rises until a call fails. Then the processor time of a call is told, at the same rate for
both: it moves less than the highest rate with what else the machine does.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench.accounts import account
from bench.figure import Line, Peer
from bench.processes import measured_core, other_core, processor_s, running, twin

CALLER, CALLED = "+14155600000", "+442079460123"
FROM_ADDRESS = "127.0.0.1"
FIRST_RATE, RISE, STEPS_MAX = 100, 1.4, 10
SIPP_S_MAX = 20

SCENARIO = f"""<?xml version="1.0"?>
<scenario name="calls">
<send retrans="500"><![CDATA[
INVITE sip:{CALLED}@acme.pstn.ashburn.twilio.com SIP/2.0
Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]
From: <sip:{CALLER}@[local_ip]>;tag=[pid]t[call_number]
To: <sip:{CALLED}@acme.pstn.ashburn.twilio.com>
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
a=rtpmap:0 PCMU/8000

]]></send>
<recv response="100" optional="true"/>
<recv response="180" optional="true"/>
<recv response="183" optional="true"/>
<recv response="200" rrs="true"/>
<send><![CDATA[
ACK [next_url] SIP/2.0
Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]
[last_From:]
[last_To:]
Call-ID: [call_id]
CSeq: 1 ACK
Max-Forwards: 70
Content-Length: 0

]]></send>
<send retrans="500"><![CDATA[
BYE [next_url] SIP/2.0
Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]
[last_From:]
[last_To:]
Call-ID: [call_id]
CSeq: 2 BYE
Max-Forwards: 70
Content-Length: 0

]]></send>
<recv response="200"/>
</scenario>
"""


def measure(quick: bool) -> Sequence[Line]:
    """The bare answerer, then the twin."""
    seconds = 1.0 if quick else 3.0
    sipp = shutil.which("sipp")
    if sipp is None:
        return [Line("calls over SIP", 0, "measured", note="SIPp is not on this machine; install sip-tester")]
    with tempfile.TemporaryDirectory() as folder:
        directory = Path(folder)
        (directory / "calls.xml").write_text(SCENARIO)
        with running(["-m", "bench.peers.sip_answerer"], measured_core()) as (process, told):
            bare, bare_ms, bare_note = _highest(sipp, directory, told["sip"]["ashburn"][0], process.pid, seconds)
        with twin(directory, _account(), "--sip", "--sip-port", "0", "--dns-port", "0", "--no-sound") as served:
            place = served.told["sip"]["ashburn"][0]
            kept, kept_ms, note = _highest(sipp, directory, place, served.pid, seconds)
    return [
        Line("calls over SIP", kept, "calls/s", Peer("the stack's bare answerer, calls/s", bare), note=note),
        Line(
            f"processor time of a call at {FIRST_RATE} calls/s", kept_ms, "ms",
            Peer("of a call of the bare answerer, ms", bare_ms), note=f"bare answerer: {bare_note}",
        ),
    ]  # fmt: skip


def _account() -> dict[str, object]:
    """A trunk that lets this machine in as fast as it can."""
    made = account(
        [CALLER], "http://127.0.0.1:9/voice", setup_s=0, termination_calls_per_second=100_000, propagation_s=[0, 0]
    )
    return made | {
        "ip_access_control_lists": {"us1": [{"friendly_name": "here", "addresses": ["127.0.0.0/8"]}]},
        "trunks": {"us1": [{"domain_name": "acme.pstn.twilio.com", "ip_access_control_lists": ["here"]}]},
        "parties": {CALLED: {"answers": True, "after_s": 0, "talks_s": 60}},
    }


def _highest(sipp: str, directory: Path, place: str, pid: int, seconds: float) -> tuple[float, float, str]:
    """The highest rate without a failed call, a call's processor time in ms at the first rate, and what came after."""
    rate, best, first_ms = FIRST_RATE, 0, 0.0
    _calls(sipp, directory, place, 20, 20)
    for step in range(STEPS_MAX):
        count = round(rate * seconds)
        used_s = processor_s(pid)
        failed = _calls(sipp, directory, place, rate, count)
        if step == 0:
            first_ms = (processor_s(pid) - used_s) / count * 1000
        if failed:
            return best, first_ms, f"at {rate} calls/s SIPp says: {failed}"
        best, rate = rate, round(rate * RISE)
    return best, first_ms, f"kept up at every rate that was tried, to {best} calls/s"


def _calls(sipp: str, directory: Path, place: str, rate: int, count: int) -> str:
    """Let SIPp place calls at a rate. Empty if every one went through every step, otherwise how it ended."""
    command = [
        sipp, place, "-sf", "calls.xml", "-i", FROM_ADDRESS, "-t", "u1", "-m", str(count), "-r", str(rate),
        "-l", "20000", "-nostdin", "-recv_timeout", "4000", "-timeout", f"{SIPP_S_MAX}s", "-timeout_error",
    ]  # fmt: skip
    try:
        done = subprocess.run(
            command, cwd=directory, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            timeout=SIPP_S_MAX + 20, check=False, preexec_fn=lambda: os.sched_setaffinity(0, {other_core()}),
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return f"it did not end within {SIPP_S_MAX + 20} s"
    return "" if done.returncode == 0 else f"code {done.returncode}, a call failed"
