"""IP lists and credential lists in an account file, and the trunks and SIP domains that they guard."""

from __future__ import annotations

from typing import Any

import pytest

from voicedr.twin.world.account import Mistakes, world_from_account
from voicedr.twin.world.model import World

T0 = 1_790_000_000.0


def _world(**more: Any) -> World:
    lists: dict[str, Any] = {
        "ip_access_control_lists": {"ie1": [{"friendly_name": "Yard", "addresses": ["192.0.2.7", "198.51.100.0/24"]}]},
        "credential_lists": {
            "ie1": [{"friendly_name": "Desks", "credentials": [{"username": "desk", "password": "Correct4Horse"}]}]
        },
    }
    return world_from_account(lists | more, 1, T0)


def test_lists_are_made_and_mapped_by_name() -> None:
    """A trunk and a SIP domain name the lists of their Region, and their auth type follows."""
    world = _world(
        trunks={"ie1": [{"ip_access_control_lists": ["Yard"], "credential_lists": ["Desks"]}]},
        sip_domains={"ie1": [{"domain_name": "a.sip.twilio.com", "credential_lists": ["Desks"]}]},
    )
    store = world.regions["ie1"]
    (addresses,), (users,) = store.ip_access_control_lists.values(), store.credential_lists.values()
    assert [(one.ip_address, one.cidr_prefix_length) for one in addresses.addresses.values()] == [
        ("192.0.2.7", 32),
        ("198.51.100.0", 24),
    ]
    assert [(one.username, one.password) for one in users.credentials.values()] == [("desk", "Correct4Horse")]
    (trunk,), (domain,) = store.trunks.values(), store.sip_domains.values()
    assert (trunk.auth_type, list(trunk.ip_access_control_lists)) == ("IP_ACL,CREDENTIAL_LIST", [addresses.sid])
    assert (domain.auth_type, list(domain.credential_lists)) == ("CREDENTIAL_LIST", [users.sid])


def test_an_auth_type_alone_makes_empty_lists() -> None:
    """``auth_type`` without lists is shown as it is said, and each kind has a list of its own."""
    world = _world(trunks={"us1": [{"friendly_name": "Old", "auth_type": "CREDENTIAL_LIST,IP_ACL"}]})
    store = world.regions["us1"]
    (trunk,) = store.trunks.values()
    assert trunk.auth_type == "CREDENTIAL_LIST,IP_ACL"
    assert list(trunk.ip_access_control_lists) == list(store.ip_access_control_lists)
    assert list(trunk.credential_lists) == list(store.credential_lists)


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"trunks": {"us1": [{"credential_lists": ["Desks"]}]}}, r"trunks.us1\[0\].credential_lists\[0\] is 'Desks'"),
        (
            {"trunks": {"ie1": [{"credential_lists": ["Desks"], "auth_type": "IP_ACL"}]}},
            r"trunks.ie1\[0\].auth_type follows from credential_lists; leave it out",
        ),
        (
            {"ip_access_control_lists": {"us1": [{"addresses": ["::1"]}]}},
            r"ip_access_control_lists.us1\[0\].addresses\[0\] is '::1'; give an IPv4 address",
        ),
        (
            {"credential_lists": {"us1": [{"credentials": [{"username": "desk"}]}]}},
            r"credentials\[0\].password is not there",
        ),
    ],
)
def test_mistakes_in_lists(more: dict[str, Any], told: str) -> None:
    """Another Region's list, an auth type beside lists, a bad address or credential: each is told by its key."""
    with pytest.raises(Mistakes, match=told):
        _world(**more)
