"""The standby's copy over sockets: the real program against a twin with two Regions, read by the official library."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from real_stage import PROGRAM, Stage, real_stage

pytestmark = pytest.mark.slow

FLOWS = ("sales", "lobby")

MAKE = """
us1 = client("us1")
acl = us1.sip.ip_access_control_lists.create(friendly_name="Office")
us1.sip.ip_access_control_lists(acl.sid).ip_addresses.create(
    friendly_name="hq", ip_address="203.0.113.1", cidr_prefix_length=29)
phones = us1.sip.credential_lists.create(friendly_name="Phones")
us1.sip.credential_lists(phones.sid).credentials.create(username="desk", password="Correct-horse-7")
domain = us1.sip.domains.list()[0]
us1.sip.domains(domain.sid).auth.calls.ip_access_control_list_mappings.create(ip_access_control_list_sid=acl.sid)
us1.sip.domains(domain.sid).auth.registrations.credential_list_mappings.create(credential_list_sid=phones.sid)
trunk = us1.trunking.v1.trunks.create(
    friendly_name="New", domain_name="acme-new.pstn.twilio.com", secure=True, transfer_mode="enable-all",
    disaster_recovery_url=URLS["primary"] + "/dr")
us1.trunking.v1.trunks(trunk.sid).origination_urls.create(
    weight=10, priority=10, enabled=True, friendly_name="n", sip_url="sip:new.acme.example;edge=ashburn")
us1.trunking.v1.trunks(trunk.sid).ip_access_control_lists.create(ip_access_control_list_sid=acl.sid)
us1.queues.create(friendly_name="Nurses", max_size=50)
number = us1.incoming_phone_numbers.list(phone_number="+14155550300")[0]
us1.incoming_phone_numbers(number.sid).update(trunk_sid=trunk.sid)
print(json.dumps(trunk.sid))
"""

READ = """
ie1 = client("ie1")
trunk = [one for one in ie1.trunking.v1.trunks.list() if one.domain_name == "acme-new.pstn.twilio.com"][0]
of = ie1.trunking.v1.trunks(trunk.sid)
acls = {one.friendly_name: one.sid for one in ie1.sip.ip_access_control_lists.list()}
domain = ie1.sip.domains.list()[0]
auth = ie1.sip.domains(domain.sid).auth
number = ie1.incoming_phone_numbers.list(phone_number="+14155550300")[0]
phones = [one for one in ie1.sip.credential_lists.list() if one.friendly_name == "Phones"][0]
print(json.dumps({
    "trunk": [trunk.friendly_name, trunk.secure, trunk.transfer_mode, trunk.disaster_recovery_url],
    "uris": [[one.sip_url, one.priority] for one in of.origination_urls.list()],
    "on_trunk": [one.sid for one in of.ip_access_control_lists.list()] == [acls["Office"]],
    "addresses": [[one.ip_address, one.cidr_prefix_length]
                  for one in ie1.sip.ip_access_control_lists(acls["Office"]).ip_addresses.list()],
    "on_domain": acls["Office"] in [one.sid for one in auth.calls.ip_access_control_list_mappings.list()],
    "registers": [one.sid for one in auth.registrations.credential_list_mappings.list()] == [phones.sid],
    "users": [one.username for one in ie1.sip.credential_lists(phones.sid).credentials.list()],
    "number": number.trunk_sid == trunk.sid,
    "queues": [[one.friendly_name, one.max_size] for one in ie1.queues.list()],
    "trunks": len(ie1.trunking.v1.trunks.list()),
}))
"""


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """A stage whose workbook says how addresses and passwords are found for the standby."""
    with real_stage(tmp_path) as made:
        (tmp_path / "desk").write_text("Correct-horse-7")
        rules = {
            "urls": [
                {"from": made.urls.primary, "to": made.urls.standby},
                {"from": ";edge={edge}", "to": ";edge={edge}"},
            ],
            "credentials": {"Phones/desk": f"file:{tmp_path}/desk"},
            "also": [{"kind": "queue"}],
        }
        made.workbook.write_text(made.workbook.read_text() + f"\nsync: {json.dumps(rules)}\n")
        yield made


def make(stage: Stage) -> None:
    """Let somebody set up new things in the primary, with the official library."""
    stage.twin.official(f"URLS = {{'primary': {stage.urls.primary!r}}}\n" + MAKE)


def test_new_things_of_the_primary_reach_the_standby(stage: Stage) -> None:
    """Planned, carried out, read by the official library; the second time there is nothing to do."""
    assert stage.voicedr("sync", "apply", "--yes", "--adopt-all", *FLOWS).code == 0
    make(stage)
    planned = stage.voicedr("sync", "plan", "--out", "plan.json", *FLOWS)
    assert planned.code == 1, planned.err
    assert f'disaster_recovery_url: "{stage.urls.standby}/dr"  [rule: {stage.urls.primary} -> ' in planned.out
    assert "password: (secret by reference)" in planned.out
    assert '~ update in place number "+14155550300"' in planned.out
    assert "0 conflicts" in planned.out
    held = stage.voicedr("sync", "apply", "--plan", "plan.json")
    assert (held.code, "--yes" in held.err) == (2, True)
    done = stage.voicedr("sync", "apply", "--plan", "plan.json", "--yes")
    assert done.code == 0, (done.out, done.err)
    seen = stage.twin.official(READ)
    assert seen == {
        "trunk": ["New", True, "enable-all", f"{stage.urls.standby}/dr"],
        "uris": [["sip:new.acme.example;edge=dublin", 10]],
        "on_trunk": True,
        "addresses": [["203.0.113.1", 29]],
        "on_domain": True,
        "registers": True,
        "users": ["desk"],
        "number": True,
        "queues": [["Nurses", 50]],
        "trunks": seen["trunks"],
    }
    again = stage.voicedr("sync", "apply", *FLOWS)
    assert (again.code, "No changes. The standby matches." in again.out) == (0, True)
    assert stage.voicedr("sync", "check", *FLOWS).code == 0
    old = stage.voicedr("sync", "apply", "--plan", "plan.json", "--yes")
    assert (old.code, "another one now" in old.err) == (4, True)
    log = stage.voicedr("sync", "log", "--json")
    assert [one["finished"] for one in log.lines] == [True, True]
    for said in (planned, done, log):
        assert "Correct-horse-7" not in said.out + said.err
    assert b"Correct-horse-7" not in stage.journal_file.read_bytes()


def test_permission_lost_in_the_middle_and_killed_it_goes_on(stage: Stage) -> None:
    """403 for trunks stops it, exit 5; a kill leaves what the next run finishes; an incident holds it, exit 4."""
    assert stage.voicedr("sync", "apply", "--yes", "--adopt-all", *FLOWS).code == 0
    make(stage)
    fault = stage.twin.control(
        "POST", "/_twin/faults", {"fault": "permission-denied", "region": "ie1", "product": "trunking"}
    )
    stopped = stage.voicedr("sync", "apply", "--yes", *FLOWS)
    assert (stopped.code, "70051" in stopped.err, "Run it again" in stopped.err) == (5, True, True), stopped.err
    stage.twin.control("DELETE", f"/_twin/faults/{fault['id']}")
    stage.twin.control("POST", "/_twin/faults", {"fault": "api-refused", "region": "us1"})
    dead = stage.voicedr("sync", "plan", *FLOWS)
    assert (dead.code, "us1" in dead.out) == (3, True)
    stage.twin.control("DELETE", "/_twin/faults")
    _kill_after_one_write(stage)
    assert stage.voicedr("declare", "support-line", "--as", "ruiz", "--why", "calls fail").code == 0
    refused = stage.voicedr("sync", "apply", "--yes", *FLOWS)
    assert (refused.code, "voicedr stand-down support-line" in refused.err) == (4, True), refused.err
    assert stage.voicedr("sync", "plan", *FLOWS).code == 1, "looking is never forbidden"
    assert stage.voicedr("stand-down", "support-line", "--as", "ruiz", "--why", "over").code == 0
    done = stage.voicedr("sync", "apply", "--yes", *FLOWS)
    assert done.code == 0, (done.out, done.err)
    assert stage.twin.official(READ)["number"]
    assert stage.voicedr("sync", "check", *FLOWS).code == 0


def _kill_after_one_write(stage: Stage) -> None:
    running = subprocess.Popen(
        [PROGRAM, "sync", "apply", "--yes", *FLOWS],
        env={**os.environ, "VOICEDR_WORKBOOK": str(stage.workbook), "PYTHONUNBUFFERED": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert running.stdout is not None
    for line in running.stdout:
        if ": done (" in line:
            break
    running.send_signal(signal.SIGKILL)
    running.wait(timeout=20)
    running.stdout.close()


def test_an_answer_that_was_not_kept_is_a_finding(stage: Stage) -> None:
    """The provider says yes and stores nothing: reading once more shows it."""
    stage.twin.control("POST", "/_twin/faults", {"fault": "api-write-ignored", "region": "ie1"})
    done = stage.voicedr("sync", "apply", "--yes", "--adopt-all", "sales")
    assert (done.code, "are not as they should be" in done.err) == (1, True), (done.out, done.err)
