"""SIPp as a customer's PBX that sends calls to a trunk: its steps, and a world that lets it in."""

from __future__ import annotations

from sipp_peer import pause
from switchboard_scene import NUMBER, T0, make_world, put_trunk
from voicedr.twin.world.model import Party, Trunk, World
from voicedr.twin.world.sip_lists import CredentialList, IpAccessControlList, IpAddress, SipCredential

OUTSIDE = "+442079460123"
USER, PASSWORD = "pbx", "Correct-Horse-1"

INVITE = """<send retrans="500"><![CDATA[
INVITE sip:{to}@acme.pstn.{edge}twilio.com SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:{caller}@[local_ip]>;tag=[pid]t[call_number]
To: <sip:{to}@acme.pstn.{edge}twilio.com>
Call-ID: [call_id]
CSeq: {sequence} INVITE
Contact: <sip:pbx@[local_ip]:[local_port];transport=[transport]>
Max-Forwards: 70
{authorization}Content-Type: application/sdp
Content-Length: [len]

v=0
o=pbx 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [local_ip]
t=0 0
m=audio 6000 RTP/AVP 8 0 101
a=rtpmap:101 telephone-event/8000

]]></send>"""

ACK, BYE, CANCEL = (
    f"""<send{' retrans="500"' if method == "BYE" else ""}><![CDATA[
{method} {uri} SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch{branch}]
[last_From:]
[last_To:]
Call-ID: [call_id]
CSeq: {sequence} {method}
Max-Forwards: 70
Content-Length: 0

]]></send>"""
    for method, uri, sequence, branch in (
        ("ACK", "[next_url]", "{sequence}", ""),
        ("BYE", "[next_url]", "9", ""),
        ("CANCEL", f"sip:{OUTSIDE}@acme.pstn.twilio.com", "1", "-3"),
    )
)
FAILED_ACK = """<send><![CDATA[
ACK sip:{to}@acme.pstn.{edge}twilio.com SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch-1]
[last_From:]
[last_To:]
Call-ID: [call_id]
CSeq: {sequence} ACK
Max-Forwards: 70
Content-Length: 0

]]></send>"""
TRYING = '<recv response="100" optional="true"/>'
RINGING = '<recv response="180" optional="true"/>'


def invite(
    to: str = OUTSIDE, caller: str = NUMBER, *, sequence: int = 1, authorized: str = "", edge: str = "ashburn."
) -> str:
    """Send an INVITE, with credentials if a password is given."""
    shown = f"[authentication username={USER} password={authorized}]\n" if authorized else ""
    return INVITE.format(to=to, caller=caller, sequence=sequence, authorization=shown, edge=edge)


def answered(sequence: int = 1) -> str:
    """Wait for the answer and acknowledge it."""
    return f'{TRYING}{RINGING}<recv response="200" rrs="true"/>{ACK.format(sequence=sequence)}'


def refused(code: int, to: str = OUTSIDE, *, sequence: int = 1, edge: str = "ashburn.") -> str:
    """Wait for a refusal and acknowledge it."""
    auth = ' auth="true"' if code == 407 else ""
    ack = FAILED_ACK.format(to=to, sequence=sequence, edge=edge)
    return f'{TRYING}{RINGING}<recv response="{code}"{auth}/>{ack}'


HANGS_UP = f'{pause(200)}{BYE}<recv response="200"/>'


def open_trunk(world: World, *, network: str = "127.0.0.0", passwords: bool = False) -> Trunk:
    """A trunk that lets in this /8, and asks for credentials if told to."""
    trunk = put_trunk(world)
    store = world.regions["us1"]
    acl = store.ip_access_control_lists["AL1"] = IpAccessControlList("AL1", "offices", T0, T0)
    acl.addresses["IP1"] = IpAddress("IP1", "office", network, 8, T0, T0)
    trunk.ip_access_control_lists["AL1"] = T0
    if passwords:
        known = store.credential_lists["CL1"] = CredentialList("CL1", "PBXs", T0, T0)
        known.credentials["CR1"] = SipCredential("CR1", USER, PASSWORD, T0, T0)
        trunk.credential_lists["CL1"] = T0
    return trunk


def world_with(party: Party | None = None) -> World:
    """A world in which somebody outside can be called."""
    world = make_world()
    world.parties[OUTSIDE] = party or Party(after_s=0.2, talks_s=30)
    return world
