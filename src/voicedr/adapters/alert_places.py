"""Where an alert would go, without sending one. An address holds secrets: only its kind and host are ever told."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from voicedr.adapters.secrets import resolve

PORTS = {"json": 80, "jsons": 443, "xml": 80, "xmls": 443, "form": 80, "forms": 443, "mailto": 25, "mailtos": 587}
"""Kinds of address whose host is the place itself (https://github.com/caronc/apprise, read 2026-11-21). In the others
the host is a token, and the place is the service's."""


class PlaceNotKnown(Exception):
    """Nobody can say where it would go without sending: why, in words without the address."""


def alert_place(reference: str) -> tuple[str, int]:
    """The host and port that an alert to this reference goes to.

    Raises:
        SecretError: If the reference gives nothing.
        PlaceNotKnown: If what it gives is no address, or one whose place only sending would show.
    """
    address = resolve(reference)
    try:
        import apprise
    except ImportError as exc:
        raise PlaceNotKnown("Apprise is not installed here, so no alert can be sent") from exc
    service: Any = apprise.Apprise()
    if not service.add(address):
        raise PlaceNotKnown("what is there is no address that Apprise takes")
    parts = urlsplit(address)
    if parts.scheme not in PORTS or not parts.hostname:
        raise PlaceNotKnown(f"it is an address of the kind {parts.scheme}://, which only sending can try")
    return parts.hostname, parts.port or PORTS[parts.scheme]
