"""Who may send calls to a SIP domain or a trunk: lists of addresses and lists of credentials, of one Region.

A list does nothing until it is mapped. What is mapped makes the ``auth_type`` of a domain or trunk, and with an empty
one it gets no traffic (https://www.twilio.com/docs/voice/sip/api/sip-domain-resource, read 2026-11-21).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Protocol

IP_ACL, CREDENTIAL_LIST = "IP_ACL", "CREDENTIAL_LIST"


@dataclass(slots=True)
class IpAddress:
    """An address, or a network, that a list lets in. IPv4 only."""

    sid: str
    friendly_name: str
    ip_address: str
    cidr_prefix_length: int
    created_at: float
    updated_at: float


@dataclass(slots=True)
class IpAccessControlList:
    """Addresses that may send calls to the trunks and SIP domains to which the list is mapped."""

    sid: str
    friendly_name: str
    created_at: float
    updated_at: float
    addresses: dict[str, IpAddress] = field(default_factory=dict)


@dataclass(slots=True)
class SipCredential:
    """A user name and a password with which a call or a registration is let in. The REST API never shows the latter."""

    sid: str
    username: str
    password: str
    created_at: float
    updated_at: float


@dataclass(slots=True)
class CredentialList:
    """User names that may send calls to the trunks and SIP domains to which the list is mapped, or register there."""

    sid: str
    friendly_name: str
    created_at: float
    updated_at: float
    credentials: dict[str, SipCredential] = field(default_factory=dict)


class Guarded(Protocol):
    """A SIP domain or a trunk."""

    sid: str
    friendly_name: str
    auth_type: str
    ip_access_control_lists: dict[str, float]
    credential_lists: dict[str, float]


class Lists(Protocol):
    """The lists of a Region."""

    ip_access_control_lists: dict[str, IpAccessControlList]
    credential_lists: dict[str, CredentialList]


def settle_auth_type(guarded: Guarded) -> None:
    """Make ``auth_type`` what the mapped lists say."""
    kinds = ((IP_ACL, guarded.ip_access_control_lists), (CREDENTIAL_LIST, guarded.credential_lists))
    guarded.auth_type = ",".join(kind for kind, mapped in kinds if mapped)


def map_lists_for(guarded: Guarded, lists: Lists, now: float) -> None:
    """Make and map an empty list for each kind that ``auth_type`` names: an account file tells the kind alone.

    Their ids follow from the id of the domain or trunk, so that nothing else in the world gets another id or chance.
    """
    name = f"{guarded.friendly_name} (from the account file)"
    for kind in guarded.auth_type.split(","):
        match kind.strip():
            case "IP_ACL":
                sid = _derived("AL", guarded.sid)
                lists.ip_access_control_lists[sid] = IpAccessControlList(sid, name, now, now)
                guarded.ip_access_control_lists[sid] = now
            case "CREDENTIAL_LIST":
                sid = _derived("CL", guarded.sid)
                lists.credential_lists[sid] = CredentialList(sid, name, now, now)
                guarded.credential_lists[sid] = now
            case _:
                # Another word is kept as it is written: readers have to treat it as one that they do not know.
                pass


def _derived(prefix: str, sid: str) -> str:
    return prefix + hashlib.blake2b(f"{prefix}:{sid}".encode(), digest_size=16).hexdigest()
