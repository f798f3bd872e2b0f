"""A URL as stored is one that the provider's client can ask."""

import string
from urllib.parse import urlsplit

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Observed, Unobserved
from voicedr.program.readiness.urls import host_of
from voicedr.program.readiness.views.web import WebUrl, outside_urls
from voicedr.wire.addresses import names_no_public_host

_WRITTEN = frozenset(string.ascii_letters + string.digits + "-._~:/?#[]@!$&'()*+,;=%")
"""What a URI is made of (RFC 3986 §2). Everything else has to be escaped."""


def judge(url: WebUrl) -> Conclusion:
    """Pass if it is absolute, http or https, escaped, with a host that may be asked; unknown if it was not read."""
    if not url.url:
        reason = url.source.reason if isinstance(url.source, Unobserved) else "it is empty"
        return Conclusion(Outcome.UNKNOWN, f"its URLs in {url.region} could not be read: {reason}")
    seen = url.source if isinstance(url.source, Observed) else None
    if seen is None:
        return Conclusion(Outcome.UNKNOWN, f"the {url.use} could not be read")
    wrong = _wrong(url)
    if wrong is not None:
        return Conclusion(Outcome.FAIL, f"the {url.use} {wrong}", seen)
    return Conclusion(Outcome.PASS, "can be asked as it is stored", seen)


def _wrong(url: WebUrl) -> str | None:
    try:
        parts = urlsplit(url.url)
        parts.port  # noqa: B018  it raises
    except ValueError:
        return "cannot be read as a URL"
    host = host_of(url.url)
    if parts.scheme.lower() not in ("http", "https") or host is None:
        return "is not an absolute http or https URL"
    if names_no_public_host(host):
        return f"names {host}, which only its own machine or network knows"
    strange = sorted(set(url.url) - _WRITTEN)
    if strange:
        return f"has the character {strange[0]!r} unescaped"
    if "_" in host:
        return "has an underscore in its host"
    user, _, _ = parts.netloc.rpartition("@")
    if "&" in user or user.count(":") > 1:
        return "has & or : in its user name or password"
    return None


check = Check(
    title="Every stored URL is one that the provider can ask",
    why="A URL that cannot be read (11100), or that names a host nobody outside knows (11205), fails for every call,"
    " and"
    " for a status callback nobody notices.",
    fix="Correct the URL in {region}: absolute, https, a public host name without underscores, everything else"
    " escaped.",
    source="https://www.twilio.com/docs/api/errors/11100",
    severity=Severity.CUT_OFF,
    over=outside_urls,
    judge=judge,
    area=Area.WEBHOOKS,
    stage=Stage.IN_REGION,
)
