"""Which parts of voice TwiML a Region does not have.

From https://www.twilio.com/docs/global-infrastructure/regional-product-and-feature-availability, and for Message from
https://www.twilio.com/docs/api/errors/13803. (Assumption: that code is documented for Message; that the others give
it too, and that it fails the document, is not.)
"""

from __future__ import annotations

NOT_IN_REGION = 13803

MISSING: dict[str, frozenset[str]] = {
    "Message": frozenset({"ie1", "au1"}),
    "Sms": frozenset({"ie1", "au1"}),
    "Connect/Room": frozenset({"ie1", "au1"}),
    "Connect/VirtualAgent": frozenset({"ie1", "au1"}),
    "Start/Siprec": frozenset({"ie1", "au1"}),
    "Dial/WhatsApp": frozenset({"ie1", "au1"}),
}
"""By path in the document: the Regions that lack it."""


def missing(path: str, region: str) -> str:
    """Why this element cannot be executed in this Region; empty if it can."""
    if region not in MISSING.get(path, ()):
        return ""
    return f"{path.replace('/', ' with ')} is not supported in {region}; use it in us1 only, or do without it there"
