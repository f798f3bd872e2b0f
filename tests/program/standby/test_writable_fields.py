"""What the copy sets is what the provider's requests take, by the official library."""

from __future__ import annotations

import inspect
from collections.abc import Callable

import pytest
from twilio.rest.api.v2010.account.application import ApplicationList
from twilio.rest.api.v2010.account.incoming_phone_number import IncomingPhoneNumberContext
from twilio.rest.api.v2010.account.queue import QueueList
from twilio.rest.api.v2010.account.sip.credential_list import CredentialListList
from twilio.rest.api.v2010.account.sip.credential_list.credential import CredentialList
from twilio.rest.api.v2010.account.sip.domain import DomainList
from twilio.rest.api.v2010.account.sip.ip_access_control_list import IpAccessControlListList
from twilio.rest.api.v2010.account.sip.ip_access_control_list.ip_address import IpAddressList
from twilio.rest.trunking.v1.trunk import TrunkList
from twilio.rest.trunking.v1.trunk.origination_url import OriginationUrlList

from voicedr.program.readiness.kinds import KINDS

REQUESTS: dict[str, Callable[..., object]] = {
    "application": ApplicationList.create,
    "number": IncomingPhoneNumberContext.update,
    "ip-acl": IpAccessControlListList.create,
    "ip-address": IpAddressList.create,
    "credential-list": CredentialListList.create,
    "credential": CredentialList.create,
    "sip-domain": DomainList.create,
    "trunk": TrunkList.create,
    "origination-url": OriginationUrlList.create,
    "queue": QueueList.create,
}


@pytest.mark.parametrize("kind", [kind.id for kind in KINDS.values() if kind.makes in ("create-update", "update")])
def test_every_field_that_is_set_is_a_parameter(kind: str) -> None:
    """One that is not would be shown as different for ever."""
    taken = set(inspect.signature(REQUESTS[kind]).parameters)
    assert {field.name for field in KINDS[kind].fields if field.writable} <= taken
