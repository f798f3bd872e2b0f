"""IP access control lists, credential lists and what they are mapped to, seen through the official library."""

from __future__ import annotations

from typing import Any

import pytest

from asking_the_twin import Client, small_world
from library_in_process import official, refused
from voicedr.twin.world.model import World
from voicedr.twin.world.state import as_json, from_json

GOOD = "Correct4Horse"


def _domain(world: World, region: str = "ie1") -> Any:
    return next(iter(world.regions[region].sip_domains.values()))


def test_an_address_list_from_nothing_to_nothing() -> None:
    """Lists and addresses are made, read, renamed and deleted, in their own Region
    (https://www.twilio.com/docs/voice/sip/api/sip-ipaccesscontrollist-resource)."""
    world = small_world()
    ie1, us1 = official(world, "ie1"), official(world, "us1")
    made = ie1.sip.ip_access_control_lists.create(friendly_name="Yard")
    address = made.ip_addresses.create(friendly_name="SBC 1", ip_address="192.0.2.7")
    assert (address.ip_address, address.cidr_prefix_length, address.sid[:2]) == ("192.0.2.7", 32, "IP")
    changed = address.update(cidr_prefix_length=24)
    assert (changed.cidr_prefix_length, changed.ip_address, changed.friendly_name) == (24, "192.0.2.7", "SBC 1")
    assert [one.sid for one in made.ip_addresses.list()] == [address.sid]
    assert made.update(friendly_name="Gate").friendly_name == "Gate"
    assert refused(lambda: us1.sip.ip_access_control_lists(made.sid).fetch()) == (404, 20404)
    assert address.delete()
    assert made.delete()
    assert refused(made.fetch) == (404, 20404)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"FriendlyName": "a"}, 21235),
        ({"IpAddress": "192.0.2.7"}, 21235),
        ({"FriendlyName": "a", "IpAddress": "2001:db8::1"}, 21235),
        ({"FriendlyName": "a", "IpAddress": "192.0.2.300"}, 21235),
        ({"FriendlyName": "a", "IpAddress": "192.0.2.7", "CidrPrefixLength": "33"}, 21235),
        ({"FriendlyName": "a" * 256, "IpAddress": "192.0.2.7"}, 21235),
    ],
)
def test_addresses_that_are_none(fields: dict[str, str], code: int) -> None:
    """Only IPv4 with a prefix of 0 to 32 and a name is let into a list (https://www.twilio.com/docs/api/errors/21235)."""
    client = Client(small_world(), "us1")
    sid = client.post("api", "A/SIP/IpAccessControlLists.json", {"FriendlyName": "L"})[1]["sid"]
    status, body = client.post("api", f"A/SIP/IpAccessControlLists/{sid}/IpAddresses.json", fields)
    assert (status, body["code"]) == (400, code)
    assert client.get("api", f"A/SIP/IpAccessControlLists/{sid}/IpAddresses.json")[1]["ip_addresses"] == []


def test_a_list_has_an_end() -> None:
    """The address after the hundredth is 21237, the list after the thousandth 21255."""
    client = Client(small_world(), "au1")
    path = "A/SIP/IpAccessControlLists"
    sid = client.post("api", f"{path}.json", {"FriendlyName": "L"})[1]["sid"]
    for n in range(100):
        client.post("api", f"{path}/{sid}/IpAddresses.json", {"FriendlyName": "a", "IpAddress": f"192.0.2.{n}"})
    over = client.post("api", f"{path}/{sid}/IpAddresses.json", {"FriendlyName": "a", "IpAddress": "192.0.2.200"})
    assert (over[0], over[1]["code"]) == (400, 21237)
    for _ in range(999):
        client.post("api", f"{path}.json", {"FriendlyName": "L"})
    assert client.post("api", f"{path}.json", {"FriendlyName": "L"})[1]["code"] == 21255


@pytest.mark.parametrize(
    ("username", "password", "code"),
    [
        ("desk", "short1A", 21243),
        ("desk", "correct4horse", 21243),
        ("desk", "CORRECT4HORSE", 21243),
        ("desk", "CorrectHorseX", 21243),
        ("d" * 33, GOOD, 21243),
        ("", GOOD, 21243),
        ("taken", GOOD, 21243),
    ],
)
def test_credentials_that_are_refused(username: str, password: str, code: int) -> None:
    """A password has 12 characters, a digit and both cases; a user name at most 32 characters and is there once
    (https://www.twilio.com/docs/api/errors/21243)."""
    client = official(small_world(), "ie1")
    made = client.sip.credential_lists.create(friendly_name="Desks")
    made.credentials.create(username="taken", password=GOOD)
    assert refused(lambda: made.credentials.create(username=username, password=password)) == (400, code)


def test_a_password_is_never_shown() -> None:
    """Neither making nor reading nor changing a credential gives its password back, and a name of a list is taken once
    (https://www.twilio.com/docs/api/errors/21240)."""
    world = small_world()
    client = Client(world, "ie1")
    made = client.post("api", "A/SIP/CredentialLists.json", {"FriendlyName": "Desks"})[1]
    path = f"A/SIP/CredentialLists/{made['sid']}/Credentials"
    credential = client.post("api", f"{path}.json", {"Username": "desk", "Password": GOOD})[1]
    other = client.post("api", f"{path}/{credential['sid']}.json", {"Password": "Another4Horse"})
    shown = [credential, other[1], client.get("api", f"{path}.json")[1]["credentials"][0]]
    assert other[0] == 200
    assert all("password" not in one and GOOD not in str(one) for one in shown)
    kept = world.regions["ie1"].credential_lists[made["sid"]].credentials[credential["sid"]]
    assert kept.password == "Another4Horse"
    taken = client.post("api", "A/SIP/CredentialLists.json", {"FriendlyName": "Desks"})
    assert (taken[0], taken[1]["code"]) == (400, 21240)
    renamed = client.post("api", f"A/SIP/CredentialLists/{made['sid']}.json", {"FriendlyName": "Desks"})
    assert renamed[0] == 200


def test_auth_type_of_a_domain_follows_its_mappings() -> None:
    """What is mapped to calls makes the auth type; registrations do not; without a list no traffic is taken
    (https://www.twilio.com/docs/voice/sip/api/sip-domain-resource)."""
    world = small_world()
    client = official(world, "ie1")
    domain = client.sip.domains.create(domain_name="desk.sip.twilio.com")
    assert domain.auth_type == ""
    addresses = client.sip.ip_access_control_lists.create(friendly_name="Yard")
    users = client.sip.credential_lists.create(friendly_name="Desks")
    domain.auth.registrations.credential_list_mappings.create(credential_list_sid=users.sid)
    assert domain.fetch().auth_type == ""
    domain.auth.calls.ip_access_control_list_mappings.create(ip_access_control_list_sid=addresses.sid)
    assert domain.fetch().auth_type == "IP_ACL"
    domain.credential_list_mappings.create(credential_list_sid=users.sid)
    assert domain.fetch().auth_type == "IP_ACL,CREDENTIAL_LIST"
    # The old form and the new show one and the same mapping, by the id of the list.
    assert [one.sid for one in domain.ip_access_control_list_mappings.list()] == [addresses.sid]
    assert [one.sid for one in domain.auth.calls.credential_list_mappings.list()] == [users.sid]
    assert [one.sid for one in domain.auth.registrations.credential_list_mappings.list()] == [users.sid]
    assert refused(addresses.delete) == (400, 21236)
    assert refused(users.delete) == (400, 21241)
    domain.ip_access_control_list_mappings(addresses.sid).delete()
    domain.auth.calls.credential_list_mappings(users.sid).delete()
    assert domain.fetch().auth_type == ""
    assert refused(domain.credential_list_mappings(users.sid).fetch) == (404, 20404)
    assert addresses.delete()


def test_new_mappings_are_listed_as_contents() -> None:
    """A page's key is ``contents`` in the new form, the kind's name in the old, and only the old has ``uri``."""
    world = small_world()
    client, domain = Client(world, "us1"), _domain(world, "us1")
    base = f"A/SIP/Domains/{domain.sid}"
    new = client.get("api", f"{base}/Auth/Calls/IpAccessControlListMappings.json")[1]["contents"]
    old = client.get("api", f"{base}/IpAccessControlListMappings.json")[1]["ip_access_control_list_mappings"]
    assert [one["sid"] for one in new] == [one["sid"] for one in old] == list(domain.ip_access_control_lists)
    assert set(old[0]) - set(new[0]) == {"domain_sid", "uri"}
    assert client.get("api", f"{base}/Auth/Registrations/IpAccessControlListMappings.json")[0] == 404


def test_a_list_is_mapped_in_its_region_only() -> None:
    """A list of another Region is not found; mapping one twice is refused; a missing field is named."""
    world = small_world()
    here, there = Client(world, "ie1"), Client(world, "us1")
    foreign = there.post("api", "A/SIP/CredentialLists.json", {"FriendlyName": "Desks"})[1]["sid"]
    path = f"A/SIP/Domains/{_domain(world).sid}/Auth/Calls/CredentialListMappings.json"
    assert here.post("api", path, {"CredentialListSid": foreign})[1]["code"] == 20404
    own = here.post("api", "A/SIP/CredentialLists.json", {"FriendlyName": "Desks"})[1]["sid"]
    assert here.post("api", path, {"CredentialListSid": own})[0] == 201
    assert here.post("api", path, {"CredentialListSid": own})[0] == 400
    assert "CredentialListSid" in here.post("api", path)[1]["message"]


def test_auth_type_of_the_account_file_is_made_of_lists() -> None:
    """What the file says is shown, is backed by a mapped list, and ends with the mapping; the state keeps it."""
    world = small_world()
    client = official(world, "us1")
    trunk = client.trunking.v1.trunks.list()[0]
    assert (trunk.auth_type, trunk.auth_type_set) == ("IP_ACL", ["IP_ACL"])
    (mapped,) = trunk.ip_access_control_lists.list()
    assert client.sip.ip_access_control_lists(mapped.sid).fetch().friendly_name == mapped.friendly_name
    assert from_json(as_json(world)) == world
    mapped.delete()
    assert client.trunking.v1.trunks(trunk.sid).fetch().auth_type == ""


def test_lists_and_recording_of_a_trunk() -> None:
    """Lists are put on a trunk once (21245) and taken off; recording is changed in its own resource
    (https://www.twilio.com/docs/sip-trunking/api)."""
    world = small_world()
    client = official(world, "ie1")
    trunk = client.trunking.v1.trunks.create(friendly_name="New", transfer_mode="sip-only")
    assert (trunk.auth_type, trunk.transfer_mode) == ("", "sip-only")
    users = client.sip.credential_lists.create(friendly_name="SBCs")
    on = trunk.credentials_lists.create(credential_list_sid=users.sid)
    assert (on.sid, on.trunk_sid, trunk.fetch().auth_type) == (users.sid, trunk.sid, "CREDENTIAL_LIST")
    assert refused(lambda: trunk.credentials_lists.create(credential_list_sid=users.sid)) == (400, 21245)
    assert refused(lambda: trunk.ip_access_control_lists.create(ip_access_control_list_sid="AL0")) == (404, 20404)
    assert refused(users.delete) == (400, 21241)
    assert on.delete()
    assert trunk.fetch().auth_type == ""
    assert trunk.recordings().fetch().mode == "do-not-record"
    trunk.recordings().update(mode="record-from-answer-dual", trim="trim-silence")
    assert trunk.fetch().recording == {"mode": "record-from-answer-dual", "trim": "trim-silence"}
    assert refused(lambda: trunk.recordings().update(mode="always")) == (400, 20001)


def test_a_trunk_and_a_domain_too_many() -> None:
    """A hundred trunks (21244) and a hundred SIP domains (21230) are the most."""
    client = Client(small_world(), "au1")
    for n in range(100):
        client.post("trunking", "v1/Trunks")
        client.post("api", "A/SIP/Domains.json", {"DomainName": f"d{n}.sip.twilio.com"})
    assert client.post("trunking", "v1/Trunks")[1]["code"] == 21244
    assert client.post("api", "A/SIP/Domains.json", {"DomainName": "one.sip.twilio.com"})[1]["code"] == 21230
