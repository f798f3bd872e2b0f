"""Handlers that the provider itself runs: which product a URL belongs to, and where that product exists.

Source: https://www.twilio.com/docs/global-infrastructure/regional-product-and-feature-availability (read 2026-11-21).
"""

from __future__ import annotations

from voicedr.program.readiness.urls import host_of
from voicedr.program.vocabulary import AU1, IE1, REGIONS, US1, Region

_PRODUCTS = {
    "webhooks": "Studio",
    "studio": "Studio",
    "taskrouter": "TaskRouter",
    "handler": "TwiML Bins",
    "flex-api": "Flex",
}
"""By the first label below ``twilio.com``."""

_MISSING = {"Studio": frozenset({AU1}), "TaskRouter": frozenset({AU1}), "Functions": frozenset({AU1})}
_BETA = {"Studio": frozenset({IE1}), "TaskRouter": frozenset({IE1})}
_EVERYWHERE: dict[str, frozenset[Region]] = {"Functions": frozenset({US1, IE1})}


def product_of(url: str) -> str | None:
    """``"Studio"``, ``"Functions"``, …; None: it is not the provider's."""
    host = host_of(url) or ""
    if host == "twil.io" or host.endswith(".twil.io"):
        return "Functions"
    if not host.endswith(".twilio.com"):
        return None
    return _PRODUCTS.get(host.partition(".")[0], "a product of the provider")


def region_in(url: str) -> Region | None:
    """The Region that the host's own name has as a label (``studio.dublin.ie1.twilio.com``)."""
    labels = (host_of(url) or "").split(".")
    return next((region for region in REGIONS if region in labels), None)


def runs_in(product: str, region: Region) -> bool | str:
    """True: documented to exist there; False: documented not to; a text: why nobody knows."""
    if region == US1:
        return True
    if region in _MISSING.get(product, ()):
        return False
    if region in _BETA.get(product, ()):
        return f"{product} is in beta in {region}"
    if region in _EVERYWHERE.get(product, ()):
        return True
    return f"whether {product} exists in {region} is not documented"
