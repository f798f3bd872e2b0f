"""In which order a trunk tries its origination URIs, and when it stops trying (https://www.twilio.com/docs/sip-trunking)."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from voicedr.twin.world.model import OriginationUrl

NO_RESPONSE_S = 4.0
"""A target that has sent no SIP response by then is given up."""

_STOPS = frozenset({400, 404, 405, 410, 416, 482, 484, 486})


def order(urls: Iterable[OriginationUrl], draw: Callable[[], float]) -> list[OriginationUrl]:
    """The enabled URIs in the order they are tried: lowest priority first, by weight among equals.

    Among those of one priority each next one is drawn in proportion to the weights of those left.

    Args:
        draw: Gives a number in [0, 1), a new one each time.
    """
    tried: list[OriginationUrl] = []
    enabled = [url for url in urls if url.enabled]
    for priority in sorted({url.priority for url in enabled}):
        left = [url for url in enabled if url.priority == priority]
        while left:
            tried.append(left.pop(_drawn([max(1, url.weight) for url in left], draw) if len(left) > 1 else 0))
    return tried


def stops(sip_code: int) -> bool:
    """Whether this final response ends the search; after any other the next URI is tried."""
    return 200 <= sip_code < 300 or sip_code in _STOPS or sip_code >= 600


def call_status(sip_code: int) -> str:
    """The status of a call that ended with this final SIP response."""
    if 200 <= sip_code < 300:
        return "completed"
    if sip_code in {486, 600}:
        return "busy"
    return "no-answer" if sip_code in {408, 480, 487} else "failed"


def _drawn(weights: list[int], draw: Callable[[], float]) -> int:
    point = draw() * sum(weights)
    for index, weight in enumerate(weights):
        point -= weight
        if point < 0:
            return index
    return len(weights) - 1
