"""Addresses: which of them somebody on the internet can reach."""

from __future__ import annotations

from ipaddress import ip_address


def is_public(address: str) -> bool:
    """False for loopback, private, link-local and other addresses that are not routed (the registries of RFC 6890)."""
    try:
        return ip_address(address.partition("%")[0]).is_global
    except ValueError:
        return False


def names_no_public_host(host: str) -> bool:
    """True for ``localhost`` and what is below it (RFC 6761 §6.3), and for an address that is not public.

    Any other name is not decided here: it depends on what it leads to.
    """
    bare = host.strip("[]").rstrip(".").lower()
    if bare == "localhost" or bare.endswith(".localhost"):
        return True
    try:
        ip_address(bare.partition("%")[0])
    except ValueError:
        return False
    return not is_public(bare)
