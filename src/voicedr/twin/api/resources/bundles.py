"""Regulatory bundles and what is in them, in us1.

Source: https://www.twilio.com/docs/phone-numbers/regulatory/api/bundles (read 2026-11-21). A new bundle is a draft;
handed in (``pending-review``) it is approved at once here, as nobody reviews it. A bundle that is approved, or that a
number names, cannot be deleted (its code is not documented: here 20409).
"""

from __future__ import annotations

from typing import Any

from voicedr.twin.api.answers import NO_CONTENT, Refused, iso, resource
from voicedr.twin.api.ask import Ask, Endpoint
from voicedr.twin.api.paging import page_of_product
from voicedr.twin.api.voice_fields import checked_url
from voicedr.twin.world.holdings import Bundle, BundleItem
from voicedr.wire.http import Response

STATUSES = ("draft", "pending-review", "in-review", "twilio-rejected", "twilio-approved", "provisionally-approved")
APPROVED = "twilio-approved"


def show(ask: Ask, bundle: Bundle) -> dict[str, Any]:
    """A bundle."""
    url = f"https://{ask.host.name}/v2/RegulatoryCompliance/Bundles/{bundle.sid}"
    parts = {"evaluations": "Evaluations", "item_assignments": "ItemAssignments", "bundle_copies": "Copies"}
    return {
        "sid": bundle.sid,
        "account_sid": ask.world.account_sid,
        "regulation_sid": bundle.regulation_sid or None,
        "friendly_name": bundle.friendly_name,
        "status": bundle.status,
        "valid_until": iso(bundle.valid_until),
        "email": bundle.email,
        "status_callback": bundle.status_callback or None,
        "date_created": iso(bundle.created_at),
        "date_updated": iso(bundle.updated_at),
        "url": url,
        "links": {name: f"{url}/{part}" for name, part in parts.items()},
    }


def list_(ask: Ask) -> Response:
    """Bundles by name, status and regulation."""
    wanted = {
        "friendly_name": ask.wanted("FriendlyName"),
        "status": ask.wanted("Status"),
        "regulation_sid": ask.wanted("RegulationSid"),
    }
    found = [
        one
        for one in ask.store.holdings.bundles.values()
        if all(value in (None, getattr(one, name)) for name, value in wanted.items())
    ]
    return page_of_product(ask, "results", found, lambda one: show(ask, one))


def fetch(ask: Ask) -> Response:
    """One bundle."""
    return resource(show(ask, _one(ask)))


def create(ask: Ask) -> Response:
    """A new draft."""
    made = Bundle(
        ask.world.mint("BU"),
        ask.required("FriendlyName"),
        ask.required("Email"),
        "draft",
        ask.given("RegulationSid") or "",
        checked_url(ask, "StatusCallback"),
        ask.now,
        ask.now,
    )
    ask.store.holdings.bundles[made.sid] = made
    return resource(show(ask, made), 201)


def update(ask: Ask) -> Response:
    """Change what is sent; handed in, it is approved."""
    bundle = _one(ask)
    status = ask.one_of("Status", bundle.status, STATUSES)
    if status not in (bundle.status, "draft", "pending-review"):
        raise Refused(400, 20001, f"Status {status} is the provider's to give; hand it in with pending-review")
    bundle.status = APPROVED if status == "pending-review" else status
    bundle.friendly_name = ask.given("FriendlyName") or bundle.friendly_name
    bundle.email = ask.given("Email") or bundle.email
    if "StatusCallback" in ask.form:
        bundle.status_callback = checked_url(ask, "StatusCallback")
    bundle.updated_at = ask.now
    return resource(show(ask, bundle))


def delete(ask: Ask) -> Response:
    """Take a draft away that no number names."""
    bundle = _one(ask)
    using = next((one for one in ask.world.numbers.values() if one.bundle_sid == bundle.sid), None)
    if bundle.status == APPROVED or using is not None:
        why = f"{using.e164} names it" if using is not None else "it is approved"
        raise Refused(409, 20409, f"Bundle {bundle.sid} cannot be deleted: {why}")
    del ask.store.holdings.bundles[bundle.sid]
    return NO_CONTENT


def items(ask: Ask) -> Response:
    """What is in it."""
    bundle = _one(ask)
    return page_of_product(ask, "results", bundle.items.values(), lambda one: _show_item(ask, bundle, one))


def add_item(ask: Ask) -> Response:
    """Put something in."""
    bundle = _one(ask)
    made = BundleItem(ask.world.mint("BV"), ask.required("ObjectSid"), ask.now)
    bundle.items[made.sid] = made
    return resource(_show_item(ask, bundle, made), 201)


def one_item(ask: Ask) -> Response:
    """One thing that is in it."""
    bundle = _one(ask)
    return resource(_show_item(ask, bundle, _item(ask, bundle)))


def remove_item(ask: Ask) -> Response:
    """Take it out."""
    bundle = _one(ask)
    del bundle.items[_item(ask, bundle).sid]
    return NO_CONTENT


def _show_item(ask: Ask, bundle: Bundle, item: BundleItem) -> dict[str, Any]:
    url = f"https://{ask.host.name}/v2/RegulatoryCompliance/Bundles/{bundle.sid}/ItemAssignments/{item.sid}"
    return {
        "sid": item.sid,
        "bundle_sid": bundle.sid,
        "account_sid": ask.world.account_sid,
        "object_sid": item.object_sid,
        "date_created": iso(item.created_at),
        "url": url,
    }


def _item(ask: Ask, bundle: Bundle) -> BundleItem:
    found = bundle.items.get(ask.ids["item"])
    if found is None:
        raise ask.not_found()
    return found


def _one(ask: Ask) -> Bundle:
    found = ask.store.holdings.bundles.get(ask.ids["bundle"])
    if found is None:
        raise ask.not_found()
    return found


_PATH = "RegulatoryCompliance/Bundles"
endpoints = (
    Endpoint("numbers", "v2", _PATH, {"GET": list_, "POST": create}),
    Endpoint("numbers", "v2", _PATH + "/{bundle}", {"GET": fetch, "POST": update, "DELETE": delete}),
    Endpoint("numbers", "v2", _PATH + "/{bundle}/ItemAssignments", {"GET": items, "POST": add_item}),
    Endpoint("numbers", "v2", _PATH + "/{bundle}/ItemAssignments/{item}", {"GET": one_item, "DELETE": remove_item}),
)
