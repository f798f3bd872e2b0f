"""OriginationUrls: where a trunk's calls go; lowest priority first, by weight within it.

Source: https://www.twilio.com/docs/sip-trunking/api/originationurl-resource (read 2026-11-21). Creating needs all five
fields; a trunk takes ten (https://www.twilio.com/docs/api/errors/21249).
"""

from __future__ import annotations

from typing import Any

from voicedr.twin.api.answers import NO_CONTENT, Refused, iso, resource
from voicedr.twin.api.ask import Ask, Endpoint
from voicedr.twin.api.paging import page_of_product
from voicedr.twin.api.resources.trunks import one_trunk
from voicedr.twin.world.account import ORIGINATION_URLS_MAX
from voicedr.twin.world.model import OriginationUrl
from voicedr.wire.http import Response

REQUIRED = ("Weight", "Priority", "Enabled", "FriendlyName", "SipUrl")


def show(ask: Ask, url: OriginationUrl) -> dict[str, Any]:
    """An origination URL."""
    trunk_sid = ask.ids["trunk"]
    return {
        "sid": url.sid,
        "account_sid": ask.world.account_sid,
        "trunk_sid": trunk_sid,
        "sip_url": url.sip_url,
        "friendly_name": url.friendly_name,
        "priority": url.priority,
        "weight": url.weight,
        "enabled": url.enabled,
        "date_created": iso(url.created_at),
        "date_updated": iso(url.updated_at),
        "url": f"https://{ask.host.name}/v1/Trunks/{trunk_sid}/OriginationUrls/{url.sid}",
    }


def list_(ask: Ask) -> Response:
    """The trunk's origination URLs."""
    urls = list(one_trunk(ask).origination_urls.values())
    return page_of_product(ask, "origination_urls", urls, lambda url: show(ask, url))


def fetch(ask: Ask) -> Response:
    """One origination URL."""
    return resource(show(ask, _one(ask)))


def create(ask: Ask) -> Response:
    """A new origination URL."""
    trunk = one_trunk(ask)
    missing = [name for name in REQUIRED if not ask.given(name)]
    if missing:
        raise Refused(400, 20001, f"Missing required parameter {', '.join(missing)} in the post body")
    if len(trunk.origination_urls) >= ORIGINATION_URLS_MAX:
        raise Refused(400, 21249, f"Trunk {trunk.sid} has {ORIGINATION_URLS_MAX} origination URLs, which is the most")
    url = OriginationUrl("", "", 10, 10, True, "", ask.now, ask.now)
    _write(ask, url)
    url.sid = ask.world.mint("OU")
    trunk.origination_urls[url.sid] = url
    return resource(show(ask, url), 201)


def update(ask: Ask) -> Response:
    """Change the fields that are sent."""
    url = _one(ask)
    _write(ask, url)
    return resource(show(ask, url))


def delete(ask: Ask) -> Response:
    """Delete it."""
    del one_trunk(ask).origination_urls[_one(ask).sid]
    return NO_CONTENT


def _one(ask: Ask) -> OriginationUrl:
    url = one_trunk(ask).origination_urls.get(ask.ids["sid"])
    if url is None:
        raise ask.not_found()
    return url


def _write(ask: Ask, url: OriginationUrl) -> None:
    sip_url = ask.given("SipUrl")
    if sip_url is not None and not sip_url.startswith("sip:"):
        raise Refused(400, 21245, f"SipUrl {sip_url!r} is invalid; it begins with sip:")
    name = ask.given("FriendlyName")
    if name is not None and len(name) > 64:
        raise Refused(400, 20001, f"FriendlyName has {len(name)} characters; at most 64")
    priority = _whole(ask, "Priority", url.priority, 0)
    weight = _whole(ask, "Weight", url.weight, 1)
    url.sip_url = url.sip_url if sip_url is None else sip_url
    url.friendly_name = url.friendly_name if name is None else name
    url.priority, url.weight = priority, weight
    url.enabled = ask.flag("Enabled", url.enabled)
    url.updated_at = ask.now


def _whole(ask: Ask, name: str, otherwise: int, least: int) -> int:
    text = ask.given(name)
    if text is None:
        return otherwise
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= 65_535:
        raise Refused(400, 20001, f"{name} is {text!r}; give a whole number from {least} to 65535")
    return int(text)


endpoints = (
    Endpoint("trunking", "v1", "Trunks/{trunk}/OriginationUrls", {"GET": list_, "POST": create}),
    Endpoint(
        "trunking",
        "v1",
        "Trunks/{trunk}/OriginationUrls/{sid}",
        {"GET": fetch, "POST": update, "DELETE": delete},
    ),
)
