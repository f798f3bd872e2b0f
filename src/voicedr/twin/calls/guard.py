"""Whether a list that is mapped lets somebody in: by the address that it comes from, or by a password."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

from voicedr.twin.world.sip_lists import Lists
from voicedr.wire.sip.digest import Credentials


def listed(lists: Lists, mapped: Iterable[str], source: str) -> bool:
    """Whether an address is in one of these IP access control lists."""
    came_from = ipaddress.ip_address(source)
    for sid in mapped:
        found = lists.ip_access_control_lists.get(sid)
        for one in found.addresses.values() if found is not None else ():
            if came_from in ipaddress.ip_network(f"{one.ip_address}/{one.cidr_prefix_length}", strict=False):
                return True
    return False


def known(lists: Lists, mapped: Iterable[str], shown: Credentials, method: str) -> bool:
    """Whether one of these credential lists has this user name, and the password was known."""
    for sid in mapped:
        found = lists.credential_lists.get(sid)
        for one in found.credentials.values() if found is not None else ():
            if one.username == shown.username and shown.proves(method, one.password):
                return True
    return False
