"""Connection overrides: what the fragment of a webhook's URL tells the provider's HTTP client.

``https://app.example/voice#e=dublin,frankfurt&rc=2&rp=ct,5xx`` is asked through Dublin, then Frankfurt, then Dublin
again, also after a 5xx. The fragment is neither sent nor signed
(https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides, read 2026-11-21).

    ct    100–10000 ms   to connect                          5000
    rt    100–15000 ms   to the first packet and between     15000
    tt    100–15000 ms   over all attempts                   15000, and nothing makes it more
    rc    0–5            retries after the first attempt     1
    rp    4xx 5xx ct rt all, a comma list                    ct
    sni   y n            whether TLS says the name           y
    e     edges, a comma list, rotated as retries happen     ashburn

What becomes of a number out of its range is not documented. Here it is brought to the nearest end of the range, or the
default is used if the caller of ``read`` says so. What is no number, an ``sni`` that is neither y nor n, and a key
that is not in the table count for nothing (assumption).
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote, urlencode

CALL_TOTAL_S = 15.0
"""No override makes a request of a call last longer."""

EDGES = frozenset({"ashburn", "dublin", "frankfurt", "sao-paulo", "singapore", "sydney", "tokyo", "umatilla"})
INTERCONNECT_EDGES = frozenset({"ashburn-ix", "frankfurt-ix", "london-ix", "san-jose-ix", "singapore-ix"})
UNSUPPORTED_EDGES = frozenset({"roaming", "sao-paulo-ix", "sydney-ix", "tokyo-ix"})
"""Edges that exist (https://www.twilio.com/docs/global-infrastructure/edge-locations) and that webhooks cannot take."""

POLICIES = frozenset({"4xx", "5xx", "ct", "rt"})

_RANGES_MS = {"ct": (100, 10_000), "rt": (100, 15_000), "tt": (100, 15_000)}
_RETRIES = (0, 5)


class BadOverrides(ValueError):
    """Overrides that the provider refuses. ``code`` is its error code."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Overrides:
    """How a URL is asked. Without a fragment it is this.

    Attributes:
        edges: Where attempts leave, in turn. Empty means that the URL does not say; the provider's default is ashburn.
        retried: What is tried again: any of 4xx, 5xx, ct (TCP connect or TLS handshake), rt (no response in time).
        retries: How often at most, after the first attempt.
    """

    edges: tuple[str, ...] = ()
    retries: int = 1
    retried: frozenset[str] = frozenset({"ct"})
    connect_s: float = 5.0
    read_s: float = 15.0
    total_s: float = CALL_TOTAL_S
    sni: bool = True

    def edge(self, attempt: int, *, wraps: bool = True) -> str:
        """The edge of an attempt, counted from 1. Whether a list begins anew at its end is not documented."""
        edges = self.edges or ("ashburn",)
        return edges[(attempt - 1) % len(edges)] if wraps else edges[min(attempt, len(edges)) - 1]


DEFAULTS = Overrides()


def read(url: str, *, clamps: bool = True, interconnect: bool = False) -> Overrides:
    """The overrides of a URL.

    Args:
        clamps: Bring a number that is out of its range to the nearest end; otherwise it is the default.
        interconnect: Whether the account has Interconnect, and so the ``-ix`` edges.

    Raises:
        BadOverrides: 11240 no such edge, 11241 an edge that webhooks cannot take, 11242 ``-ix`` without Interconnect,
            11243 no such retry policy.
    """
    _, hash_, fragment = url.partition("#")
    if not hash_ or "=" not in fragment:
        return DEFAULTS
    given = {}
    for pair in fragment.split("&"):
        key, _, value = pair.partition("=")
        given[key.strip()] = unquote(value).strip()
    return Overrides(
        edges=_edges(given["e"], interconnect) if "e" in given else DEFAULTS.edges,
        retries=_whole(given.get("rc"), DEFAULTS.retries, *_RETRIES, clamps=clamps),
        retried=_policies(given["rp"]) if "rp" in given else DEFAULTS.retried,
        connect_s=_seconds(given, "ct", DEFAULTS.connect_s, clamps=clamps),
        read_s=_seconds(given, "rt", DEFAULTS.read_s, clamps=clamps),
        total_s=_seconds(given, "tt", DEFAULTS.total_s, clamps=clamps),
        sni=given.get("sni") != "n",
    )


def write(url: str, overrides: Overrides) -> str:
    """The URL with these overrides as its fragment, in place of what fragment it had. Defaults are left out."""
    pairs = []
    if overrides.edges != DEFAULTS.edges:
        pairs.append(("e", ",".join(overrides.edges)))
    if overrides.retries != DEFAULTS.retries:
        pairs.append(("rc", str(overrides.retries)))
    if overrides.retried != DEFAULTS.retried:
        pairs.append(("rp", "all" if overrides.retried >= POLICIES else ",".join(sorted(overrides.retried))))
    for key, value, default in (
        ("ct", overrides.connect_s, DEFAULTS.connect_s),
        ("rt", overrides.read_s, DEFAULTS.read_s),
        ("tt", overrides.total_s, DEFAULTS.total_s),
    ):
        if value != default:
            pairs.append((key, str(round(value * 1000))))
    if not overrides.sni:
        pairs.append(("sni", "n"))
    bare = url.partition("#")[0]
    return f"{bare}#{urlencode(pairs, safe=',')}" if pairs else bare


def _edges(text: str, interconnect: bool) -> tuple[str, ...]:
    edges = tuple(name.strip() for name in text.split(","))
    for edge in edges:
        if edge in UNSUPPORTED_EDGES:
            raise BadOverrides(11241, f"webhooks cannot leave through the edge {edge!r}; give another in e=")
        if edge in INTERCONNECT_EDGES:
            if not interconnect:
                raise BadOverrides(11242, f"the edge {edge!r} needs Interconnect, which this account does not have")
        elif edge not in EDGES:
            raise BadOverrides(11240, f"{edge[:40]!r} is no edge; e= takes {', '.join(sorted(EDGES))}")
    return edges


def _policies(text: str) -> frozenset[str]:
    names = frozenset(name.strip() for name in text.split(","))
    wrong = sorted(names - POLICIES - {"all"})
    if wrong:
        raise BadOverrides(11243, f"{wrong[0][:40]!r} is no retry policy; rp= takes 4xx, 5xx, ct, rt and all")
    return POLICIES if "all" in names else names


def _seconds(given: dict[str, str], key: str, default_s: float, *, clamps: bool) -> float:
    return _whole(given.get(key), round(default_s * 1000), *_RANGES_MS[key], clamps=clamps) / 1000


def _whole(text: str | None, default: int, least: int, most: int, *, clamps: bool) -> int:
    # Nobody means a number of more digits, and turning a very long one into an int takes long.
    if text is None or not text.removeprefix("-").isdecimal() or not text.isascii() or len(text) > 12:
        return default
    value = int(text)
    if least <= value <= most:
        return value
    return min(max(value, least), most) if clamps else default
