"""The lists of an account file: addresses and credentials of each Region, and what they are mapped to, by name.

A trunk or a SIP domain either names its lists, or says its ``auth_type`` alone and gets an empty list of each kind.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any

from voicedr.twin.world.findings import Reading
from voicedr.twin.world.model import REGIONS, World
from voicedr.twin.world.sip_lists import (
    CredentialList,
    Guarded,
    IpAccessControlList,
    IpAddress,
    Lists,
    SipCredential,
    map_lists_for,
    settle_auth_type,
)

KEYS = ("ip_access_control_lists", "credential_lists")
"""Of the whole file, with lists by Region; and of a trunk or SIP domain, with their names."""


def read_lists(world: World, reading: Reading, top: Mapping[str, Any], now: float) -> None:
    """Make the lists of every Region."""
    for region, index, entry, path in reading.by_region(top, "ip_access_control_lists", REGIONS):
        given = reading.mapping(entry, path)
        reading.known(given, path, "friendly_name", "addresses")
        name = reading.text(given, path, "friendly_name") or f"Addresses {index + 1}"
        addresses = IpAccessControlList(world.mint("AL"), name, now, now)
        for n, text in enumerate(reading.sequence(given.get("addresses"), f"{path}.addresses")):
            network = _network(text)
            if network is None:
                reading.note(f"{path}.addresses[{n}]", f"is {text!r}; give an IPv4 address or network, in quotes")
                continue
            made = IpAddress(world.mint("IP"), name, str(network.network_address), network.prefixlen, now, now)
            addresses.addresses[made.sid] = made
        world.regions[region].ip_access_control_lists[addresses.sid] = addresses
    for region, index, entry, path in reading.by_region(top, "credential_lists", REGIONS):
        given = reading.mapping(entry, path)
        reading.known(given, path, "friendly_name", "credentials")
        name = reading.text(given, path, "friendly_name") or f"Credentials {index + 1}"
        users = CredentialList(world.mint("CL"), name, now, now)
        for n, one in enumerate(reading.sequence(given.get("credentials"), f"{path}.credentials")):
            at = f"{path}.credentials[{n}]"
            credential = reading.mapping(one, at)
            reading.known(credential, at, "username", "password")
            username = reading.required(
                credential, at, "username", lambda text: 0 < len(text) <= 32, "1 to 32 characters"
            )
            password = reading.required(credential, at, "password", bool, "a password")
            user = SipCredential(world.mint("CR"), username, password, now, now)
            users.credentials[user.sid] = user
        world.regions[region].credential_lists[users.sid] = users


def guard(guarded: Guarded, lists: Lists, reading: Reading, given: Mapping[str, Any], path: str, now: float) -> None:
    """Map the lists that a trunk or a SIP domain names, or those that its ``auth_type`` makes."""
    named = [key for key in KEYS if given.get(key) is not None]
    if not named:
        map_lists_for(guarded, lists, now)
        return
    if guarded.auth_type:
        reading.note(f"{path}.auth_type", f"follows from {' and '.join(named)}; leave it out")
    for key in named:
        known: Mapping[str, IpAccessControlList | CredentialList] = getattr(lists, key)
        names = {made.friendly_name: sid for sid, made in known.items()}
        mapped: dict[str, float] = getattr(guarded, key)
        for n, name in enumerate(reading.sequence(given[key], f"{path}.{key}")):
            if (sid := reading.named(names, str(name), f"{path}.{key}[{n}]", "its Region")) != "":
                mapped[sid] = now
    settle_auth_type(guarded)


def _network(text: object) -> ipaddress.IPv4Network | None:
    try:
        return ipaddress.IPv4Network(str(text), strict=False)
    except ValueError:
        return None
