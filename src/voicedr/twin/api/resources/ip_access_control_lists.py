"""SIP IpAccessControlLists and their IpAddresses: who may send calls, by address, in one Region.

Sources: https://www.twilio.com/docs/voice/sip/api/sip-ipaccesscontrollist-resource and
https://www.twilio.com/docs/voice/sip/api/sip-ipaddress-resource: 1000 lists (21255), 100 addresses in each (the
dictionary's page of 21237 still says 25), IPv4 only, names of at most 255 characters. A bad field is 21235; a list that
is mapped to something cannot be deleted, 21236 (https://www.twilio.com/docs/api/errors; all read 2026-11-21).
"""

from __future__ import annotations

import ipaddress
from typing import Any

from voicedr.twin.api.answers import NO_CONTENT, Refused, resource, rfc2822
from voicedr.twin.api.ask import Ask, Endpoint
from voicedr.twin.api.paging import page_2010
from voicedr.twin.world.sip_lists import Guarded, IpAccessControlList, IpAddress
from voicedr.wire.http import Response

LISTS_MAX = 1000
ADDRESSES_MAX = 100
NAME_CHARACTERS_MAX = 255


def show(ask: Ask, made: IpAccessControlList) -> dict[str, Any]:
    """A list, without its addresses."""
    uri = f"/2010-04-01/Accounts/{ask.world.account_sid}/SIP/IpAccessControlLists/{made.sid}"
    return {
        "sid": made.sid,
        "account_sid": ask.world.account_sid,
        "friendly_name": made.friendly_name,
        "date_created": rfc2822(made.created_at),
        "date_updated": rfc2822(made.updated_at),
        "subresource_uris": {"ip_addresses": uri + "/IpAddresses.json"},
        "uri": uri + ".json",
    }


def show_address(ask: Ask, of: IpAccessControlList, address: IpAddress) -> dict[str, Any]:
    """An address of a list."""
    uri = f"/2010-04-01/Accounts/{ask.world.account_sid}/SIP/IpAccessControlLists/{of.sid}/IpAddresses/{address.sid}"
    return {
        "sid": address.sid,
        "account_sid": ask.world.account_sid,
        "friendly_name": address.friendly_name,
        "ip_address": address.ip_address,
        "cidr_prefix_length": address.cidr_prefix_length,
        "ip_access_control_list_sid": of.sid,
        "date_created": rfc2822(address.created_at),
        "date_updated": rfc2822(address.updated_at),
        "uri": uri + ".json",
    }


def list_(ask: Ask) -> Response:
    """The Region's lists."""
    found = list(ask.store.ip_access_control_lists.values())
    return page_2010(ask, "ip_access_control_lists", found, lambda made: show(ask, made))


def fetch(ask: Ask) -> Response:
    """One list."""
    return resource(show(ask, _one(ask)))


def create(ask: Ask) -> Response:
    """A new list, with nothing in it and mapped to nothing."""
    name = _name(ask)
    if len(ask.store.ip_access_control_lists) >= LISTS_MAX:
        raise Refused(400, 21255, f"The account has {LISTS_MAX} IP access control lists in {ask.region}, the most")
    made = IpAccessControlList(ask.world.mint("AL"), name, ask.now, ask.now)
    ask.store.ip_access_control_lists[made.sid] = made
    return resource(show(ask, made), 201)


def update(ask: Ask) -> Response:
    """Rename it."""
    made = _one(ask)
    made.friendly_name, made.updated_at = _name(ask), ask.now
    return resource(show(ask, made))


def delete(ask: Ask) -> Response:
    """Delete it, unless a SIP domain or a trunk uses it."""
    made = _one(ask)
    guarded: list[Guarded] = [*ask.store.sip_domains.values(), *ask.store.trunks.values()]
    users = [one.sid for one in guarded if made.sid in one.ip_access_control_lists]
    if users:
        raise Refused(400, 21236, f"{made.sid} is mapped to {', '.join(users)}; delete the mappings first")
    del ask.store.ip_access_control_lists[made.sid]
    return NO_CONTENT


def list_addresses(ask: Ask) -> Response:
    """The addresses of a list."""
    made = _one(ask)
    found = list(made.addresses.values())
    return page_2010(ask, "ip_addresses", found, lambda address: show_address(ask, made, address))


def fetch_address(ask: Ask) -> Response:
    """One address."""
    return resource(show_address(ask, _one(ask), _one_address(ask)))


def create_address(ask: Ask) -> Response:
    """Let an address, or a network, in."""
    made = _one(ask)
    name, address = _name(ask), ask.required("IpAddress", 21235)
    if len(made.addresses) >= ADDRESSES_MAX:
        raise Refused(400, 21237, f"{made.sid} has {ADDRESSES_MAX} addresses, which is the most")
    new = IpAddress("", name, _checked(address), _prefix(ask, 32), ask.now, ask.now)
    new.sid = ask.world.mint("IP")
    made.addresses[new.sid] = new
    return resource(show_address(ask, made, new), 201)


def update_address(ask: Ask) -> Response:
    """Change the fields that are sent."""
    made, address = _one(ask), _one_address(ask)
    name = _name(ask) if "FriendlyName" in ask.form else address.friendly_name
    text = _checked(ask.required("IpAddress", 21235)) if "IpAddress" in ask.form else address.ip_address
    prefix = _prefix(ask, address.cidr_prefix_length)
    address.friendly_name, address.ip_address, address.cidr_prefix_length = name, text, prefix
    address.updated_at = ask.now
    return resource(show_address(ask, made, address))


def delete_address(ask: Ask) -> Response:
    """Let it in no more."""
    del _one(ask).addresses[_one_address(ask).sid]
    return NO_CONTENT


def _one(ask: Ask) -> IpAccessControlList:
    made = ask.store.ip_access_control_lists.get(ask.ids["list"])
    if made is None:
        raise ask.not_found()
    return made


def _one_address(ask: Ask) -> IpAddress:
    address = _one(ask).addresses.get(ask.ids["sid"])
    if address is None:
        raise ask.not_found()
    return address


def _name(ask: Ask) -> str:
    name = ask.required("FriendlyName", 21235)
    if len(name) > NAME_CHARACTERS_MAX:
        raise Refused(400, 21235, f"FriendlyName has {len(name)} characters; at most {NAME_CHARACTERS_MAX}")
    return name


def _checked(text: str) -> str:
    try:
        return str(ipaddress.IPv4Address(text))
    except ipaddress.AddressValueError as exc:
        raise Refused(400, 21235, f"IpAddress {text!r} is invalid; give an IPv4 address such as 192.0.2.7") from exc


def _prefix(ask: Ask, otherwise: int) -> int:
    return ask.whole("CidrPrefixLength", otherwise, 0, 32, 21235)


_LISTS = "SIP/IpAccessControlLists"
endpoints = (
    Endpoint("api", "2010-04-01", _LISTS, {"GET": list_, "POST": create}),
    Endpoint("api", "2010-04-01", f"{_LISTS}/{{list}}", {"GET": fetch, "POST": update, "DELETE": delete}),
    Endpoint("api", "2010-04-01", f"{_LISTS}/{{list}}/IpAddresses", {"GET": list_addresses, "POST": create_address}),
    Endpoint(
        "api",
        "2010-04-01",
        f"{_LISTS}/{{list}}/IpAddresses/{{sid}}",
        {"GET": fetch_address, "POST": update_address, "DELETE": delete_address},
    ),
)
