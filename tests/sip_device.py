"""SIPp as a device of a SIP domain: it calls, registers, and is a phone where it has registered."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from sipp_peer import address, sipp
from switchboard_scene import FALLBACK, PRIMARY, SERVES, STATUS, T0, make_world
from voicedr.twin.calls.commands import Registration
from voicedr.twin.server.sip import SipServer, sip_serving
from voicedr.twin.server.wall_clock import WallClock
from voicedr.twin.switchboard import Switchboard
from voicedr.twin.world.model import SipDomain, Voice, World
from voicedr.twin.world.sip_lists import (
    CredentialList,
    IpAccessControlList,
    IpAddress,
    SipCredential,
    settle_auth_type,
)
from voicedr.wire.http import Response
from webhook_app import Answering

DOMAIN = "acme.sip.twilio.com"
USER, PASSWORD = "alice", "Correct-Horse-1"

_HEAD = """{method} {uri} SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:{user}@{from_host}>;tag=[pid]t[call_number]
To: <{to}>
Call-ID: [call_id]
CSeq: {sequence} {method}
Max-Forwards: {forwards}
"""
_CONTACT = "Contact: <sip:{user}@[local_ip]:[local_port];transport=[transport]>\n"
_SDP = """v=0
o=pbx 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [local_ip]
t=0 0
m=audio 6000 RTP/AVP 8 0 101
a=rtpmap:101 telephone-event/8000
"""


def _login(password: str, user: str = USER) -> str:
    return f"[authentication username={user} password={password}]\n" if password else ""


def _send(text: str, body: str = "", *, again: bool = True) -> str:
    retrans = ' retrans="500"' if again else ""
    return f"<send{retrans}><![CDATA[\n{text}Content-Length: [len]\n\n{body}\n]]></send>"


def invite(
    host: str = DOMAIN,
    *,
    sequence: int = 1,
    password: str = "",
    headers: str = "",
    user: str = USER,
    forwards: int = 70,
) -> str:
    """Call ``sales`` at a domain."""
    head = _HEAD.format(method="INVITE", uri=f"sip:sales@{host}", user=USER, from_host="pbx.example",
                        to=f"sip:sales@{host}", sequence=sequence, forwards=forwards)  # fmt: skip
    contact = _CONTACT.format(user=USER)
    return _send(f"{head}{contact}{headers}{_login(password)}Content-Type: application/sdp\n", _SDP)


def register(
    host: str = DOMAIN,
    *,
    user: str = USER,
    sequence: int = 1,
    password: str = "",
    expires: int | None = 3600,
    contact: str | None = None,
    login: str = "",
) -> str:
    """Register, or ask what is registered (``contact`` is empty)."""
    head = _HEAD.format(method="REGISTER", uri=f"sip:{host}", user=user, from_host=host, to=f"sip:{user}@{host}",
                        sequence=sequence, forwards=70)  # fmt: skip
    where = _CONTACT.format(user=user) if contact is None else contact
    lasts = "" if expires is None else f"Expires: {expires}\n"
    return _send(f"{head}{where}{lasts}{_login(password, login or user)}User-Agent: SIPp\n")


def _acknowledges(host: str, sequence: int, branch: str) -> str:
    uri = "[next_url]" if not branch else f"sip:sales@{host}"
    return _send(
        f"ACK {uri} SIP/2.0\nVia: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch{branch}]\n[last_From:]\n"
        f"[last_To:]\nCall-ID: [call_id]\nCSeq: {sequence} ACK\nMax-Forwards: 70\n",
        again=False,
    )


TRYING, RINGING = '<recv response="100" optional="true"/>', '<recv response="180" optional="true"/>'


def answered(sequence: int = 1) -> str:
    """Wait for the answer and acknowledge it."""
    return f'{TRYING}{RINGING}<recv response="200" rrs="true"/>{_acknowledges("", sequence, "")}'


def refused(code: int, host: str = DOMAIN, *, sequence: int = 1) -> str:
    """Wait for a refusal of a call and acknowledge it."""
    auth = ' auth="true"' if code == 407 else ""
    return f'{TRYING}{RINGING}<recv response="{code}"{auth}/>{_acknowledges(host, sequence, "-1")}'


def told(code: int) -> str:
    """Wait for the response to a REGISTER."""
    return f'<recv response="{code}"{" auth=" + chr(34) + "true" + chr(34) if code == 401 else ""}/>'


def registers(host: str = DOMAIN, *, user: str = USER, expires: int = 3600) -> tuple[str, ...]:
    """A whole registration: asked for credentials, and let in with them."""
    again = register(host, user=user, sequence=2, password=PASSWORD, expires=expires)
    return register(host, user=user, expires=expires), told(401), again, told(200)


HANGS_UP = (
    _send(
        "BYE [next_url] SIP/2.0\nVia: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]\n[last_From:]\n"
        "[last_To:]\nCall-ID: [call_id]\nCSeq: 9 BYE\nMax-Forwards: 70\n"
    )
    + '<recv response="200"/>'
)

IS_HUNG_UP = '<recv request="BYE"/>' + _send(
    "SIP/2.0 200 OK\n[last_Via:]\n[last_From:]\n[last_To:]\n[last_Call-ID:]\n[last_CSeq:]\n", again=False
)


def domain_world(
    *,
    network: str = "127.0.0.0",
    passwords: bool = False,
    registration: bool = True,
    regions: tuple[str, ...] = ("us1",),
) -> World:
    """An account with the SIP domain acme, which lets in this /8, and asks callers for a password if told to.

    ``alice`` and ``bob`` may register.
    """
    world = make_world()
    world.settings.setup_s = 0.0
    for region in regions:
        store = world.regions[region]
        voice = Voice(PRIMARY, "POST", FALLBACK, "POST", STATUS)
        domain = SipDomain(f"SD{region}", DOMAIN, "Sales", voice, "", True, False, T0, T0)
        store.sip_domains[domain.sid] = domain
        if network:
            acl = store.ip_access_control_lists["AL1"] = IpAccessControlList("AL1", "offices", T0, T0)
            acl.addresses["IP1"] = IpAddress("IP1", "office", network, 8, T0, T0)
            domain.ip_access_control_lists["AL1"] = T0
        known = store.credential_lists["CL1"] = CredentialList("CL1", "phones", T0, T0)
        for number, user in enumerate((USER, "bob")):
            known.credentials[f"CR{number}"] = SipCredential(f"CR{number}", user, PASSWORD, T0, T0)
        domain.registration_credential_lists["CL1"] = T0
        if passwords:
            domain.credential_lists["CL1"] = T0
        settle_auth_type(domain)
    return world


def domain_of(world: World, region: str = "us1") -> SipDomain:
    """The domain acme."""
    return world.regions[region].sip_domains[f"SD{region}"]


def alerts(world: World, region: str = "us1") -> list[str]:
    """The error codes in the feed."""
    return [alert.error_code for alert in world.regions[region].alerts]


@dataclass
class Stage:
    """A twin on sockets, its application, and SIPp."""

    world: World
    directory: Path
    sip: SipServer
    switchboard: Switchboard
    app: Answering
    runs: int = 0
    logs: list[Path] = field(default_factory=list)
    registered: list[Registration] = field(default_factory=list)

    async def runs_sipp(
        self, *steps: str, edge: str = "ashburn", place: int = 0, host: str = "", port: int = 0, for_s: float = 10,
        transport: str = "u1", calls: int = 1,
    ) -> int:  # fmt: skip
        """Send to an edge from an address; the exit code is 0 if every call went through every step."""
        self.runs += 1
        scenario, log = self.directory / f"device{self.runs}.xml", self.directory / f"device{self.runs}.log"
        scenario.write_text(f'<?xml version="1.0"?>\n<scenario name="device">{"".join(steps)}</scenario>')
        self.logs.append(log)
        bound = ["-p", str(port)] if port else []
        process = await asyncio.create_subprocess_exec(
            sipp(), self.sip.addresses()[edge][place], "-sf", str(scenario), "-i", host or address(), "-t", transport,
            "-m", str(calls), "-nostdin", "-r", "20", "-trace_msg", "-message_file", str(log), *bound,
            cwd=self.directory, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            return await asyncio.wait_for(process.wait(), for_s)
        except TimeoutError:
            process.kill()
            return await process.wait()

    def heard(self) -> str:
        """What the last SIPp sent and got."""
        return self.logs[-1].read_text(errors="replace")


def on_stage(
    directory: Path,
    world: World,
    script: Callable[[Stage], Awaitable[None]],
    answers: dict[str, str | Response] | None = None,
) -> Stage:
    """Run a script with a twin on sockets; gives what it left."""

    async def main() -> Stage:
        app = Answering({PRIMARY: SERVES, STATUS: Response(204), **(answers or {})})
        async with sip_serving(port=0) as sip:
            switchboard = Switchboard(world, WallClock(), app, sip=sip)
            stage = Stage(world, directory, sip, switchboard, app)
            try:
                await script(stage)
                await asyncio.sleep(0.1)
            finally:
                await switchboard.close()
            return stage

    return asyncio.run(main())
