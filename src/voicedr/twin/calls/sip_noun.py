"""What a SIP address in a Dial may be (https://www.twilio.com/docs/voice/twiml/sip)."""

from __future__ import annotations

import re

URI_MAX = 255
HEADERS_MAX = 1024
_HEADER_NAME = re.compile(r"[A-Za-z0-9!%*_+`'~.-]+")


def wrong_with(uri: str, *, registered: bool = False) -> tuple[int, str] | None:
    """The error code and what is wrong; None if it can be dialled.

    URI under 255 characters without its headers, headers under 1024 in all, no ``.sip.twilio.com``.

    Args:
        registered: Users can register, so ``.sip.twilio.com`` is dialled (``sip_leg`` says which of it can be).
    """
    address, _, headers = uri.partition("?")
    scheme, _, rest = address.partition(":")
    host = rest.partition(";")[0].rpartition("@")[2].partition(":")[0].lower()
    if scheme.lower() not in {"sip", "sips"} or not host or any(character.isspace() for character in uri):
        return 13243, f"{uri[:60]!r} is not a SIP address; give it as sip:user@host"
    if len(address) > URI_MAX:
        return 13243, f"the SIP address has {len(address)} characters; {URI_MAX} are allowed"
    if host.endswith(".sip.twilio.com") and not registered:
        return 13255, f"{host} is a SIP domain of the provider, which cannot be dialled; dial what is behind it"
    if len(headers) > HEADERS_MAX:
        return 13253, f"the SIP headers have {len(headers)} characters; {HEADERS_MAX} are allowed"
    for header in filter(None, headers.split("&")):
        name = header.partition("=")[0]
        if not _HEADER_NAME.fullmatch(name):
            return 13252, f"{name[:40]!r} is not the name of a SIP header"
    return None
