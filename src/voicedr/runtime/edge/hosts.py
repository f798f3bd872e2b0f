"""From the URL that a caller made, what stays the same on every edge: product, port and target.

What a URL says about edge and Region, and what becomes of it in a client of Region R:

| host | becomes |
| --- | --- |
| ``product.twilio.com`` | ``product.{edge}.R.twilio.com`` |
| ``product.R.twilio.com`` | the same; the edge is added, because a name without one is not served by R |
| ``product.{any edge}.R.twilio.com`` | the same; the edge is replaced by those of the client, in their order |
| any other Region | refused: keys and tokens of one Region are not good in another |
| any other host, or ``http`` | refused: credentials would go where they do not belong |

An edge without a Region does not arrive here: the official library writes us1 for it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, urlsplit

_PRODUCT = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_PLAIN_TARGET = re.compile(r"[A-Za-z0-9!#$%&'()*+,/:;=?@\[\]~._-]*")
_SAFE = "!#$%&'()*+,/:;=?@[]~"
"""What may stand in a target as it is (RFC 3986 section 2.2). A ``+`` of a telephone number stays a ``+``."""


@dataclass(frozen=True, slots=True)
class Target:
    """Attributes: product: The first label. port: 443 unless the URL says another. path: Path and query, encoded."""

    product: str
    port: int
    path: str

    def host(self, edge: str, region: str) -> str:
        """The name of the product in a Region, by one edge."""
        return f"{self.product}.{edge}.{region}.twilio.com"


def read_url(url: str, region: str) -> Target:
    """What is asked of which product.

    Raises:
        ValueError: If the URL leads elsewhere than to this Region. Nothing was sent.
    """
    if not isinstance(url, str):
        raise ValueError(f"url={url!r}: say https://PRODUCT.twilio.com/….")
    scheme, separator, rest = url.partition("://")
    cut = next((at for at, character in enumerate(rest) if character in "/?#"), len(rest))
    product, port = _place(scheme.lower() + separator + rest[:cut], region)
    path = rest[cut:].partition("#")[0]
    if not path.startswith("/"):
        path = "/" + path
    if _PLAIN_TARGET.fullmatch(path) is None:
        path = quote(path, safe=_SAFE)
    return Target(product, port, path)


@lru_cache(maxsize=256)
def _place(origin: str, region: str) -> tuple[str, int]:
    """Product and port of ``scheme://host``."""
    try:
        split = urlsplit(origin)
        host, port, credentials = split.hostname or "", split.port or 443, split.username
    except ValueError as exc:
        raise ValueError(f"{_shown(origin)}: not a URL ({exc}). Say https://PRODUCT.twilio.com/….") from exc
    if split.scheme != "https":
        raise ValueError(f"{_shown(origin)}: only https is sent, because credentials go along. Say https://….")
    if credentials is not None:
        raise ValueError(f"{_shown(origin)}: credentials in a URL are not sent. Give them as auth=(user, secret).")
    labels = host.rstrip(".").split(".")
    place = labels[1:-2]
    if labels[-2:] != ["twilio", "com"] or len(place) > 2 or len(labels) < 3 or not _PRODUCT.fullmatch(labels[0]):
        raise ValueError(
            f"{_shown(origin)}: not a host of the provider's REST API. This client sends credentials of {region} to "
            "PRODUCT.twilio.com and its regional names alone; ask others with another client."
        )
    if place and place[-1] != region:
        raise ValueError(
            f"{_shown(origin)}: names Region {place[-1]}, and this client was made for {region}. Credentials of one "
            f"Region are not good in another, so it was not sent. Make the Client with region={region!r} or none "
            "(TWILIO_REGION and TWILIO_EDGE in the environment count too; an edge without a Region means us1)."
        )
    return labels[0], port


def _shown(origin: str) -> str:
    """The origin without what may be a secret in it."""
    scheme, _, rest = origin.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"
