"""``voicedr twin up --sip``: an official client makes a SIP domain, SIPp registers there, and REST calls it."""

from __future__ import annotations

import subprocess
from pathlib import Path

from running_twin import running_twin
from sip_device import PASSWORD, USER, registers
from sipp_peer import TAKES_THE_CALL, address, peer, receive, reply, sipp

MADE = f"""
us1 = client("us1")
domain = us1.sip.domains.create(domain_name="made.sip.twilio.com", sip_registration=True, voice_url="https://app.example/v")
phones = us1.sip.credential_lists.create(friendly_name="phones")
us1.sip.credential_lists(phones.sid).credentials.create(username={USER!r}, password={PASSWORD!r})
us1.sip.domains(domain.sid).auth.registrations.credential_list_mappings.create(credential_list_sid=phones.sid)
print(json.dumps(domain.sid))
"""
CALLED = f"""
call = client("us1").calls.create(
    to="sip:{USER}@made.sip.twilio.com", from_="sip:desk@pbx.example", twiml="<Response><Say>Hello</Say></Response>",
    sip_auth_username="unused", sip_auth_password="unused",
)
print(json.dumps(call.sid))
"""


def test_made_by_rest_registered_and_called(tmp_path: Path) -> None:
    """The device is listed with its edge, rings when REST calls its address, hears the TwiML, and is hung up."""
    device = address()
    scenario = tmp_path / "register.xml"
    host = "made.sip.singapore.twilio.com"
    scenario.write_text(f'<?xml version="1.0"?>\n<scenario name="device">{"".join(registers(host))}</scenario>')
    with running_twin("--sip", "--sip-port", "0", "--no-sound") as twin:
        twin.official(MADE)
        done = subprocess.run(
            [sipp(), twin.told["sip"]["singapore"][1], "-sf", str(scenario), "-i", device, "-p", "5060", "-m", "1",
             "-nostdin", "-timeout", "10"],
            cwd=tmp_path, stdin=subprocess.DEVNULL, capture_output=True, timeout=20, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout[-2000:]
        (listed,) = twin.control("GET", "/_twin/registrations")["registrations"]
        assert (listed["address"], listed["edge"]) == (f"sip:{USER}@made.sip.twilio.com", "singapore")
        assert listed["source"] == f"{device}:5060"
        with peer(tmp_path, *TAKES_THE_CALL, receive("BYE"), reply(200, "OK"), calls=1, host=device) as phone:
            twin.official(CALLED)
            assert phone.verdict(15) == 0, phone.heard()
        assert twin.control("GET", "/_twin/alerts")["alerts"] == []
