"""Trunks: Elastic SIP trunks of one Region.

Source: https://www.twilio.com/docs/sip-trunking/api/trunk-resource (read 2026-11-21). An empty ``auth_type`` means that
nothing may be sent through it. It is what follows from the lists that are mapped to the trunk, so it cannot be written.
"""

from __future__ import annotations

from typing import Any

from voicedr.twin.api.answers import NO_CONTENT, Refused, iso, resource
from voicedr.twin.api.ask import Ask, Endpoint
from voicedr.twin.api.paging import page_of_product
from voicedr.twin.api.voice_fields import checked_method, checked_url
from voicedr.twin.world.model import Trunk
from voicedr.wire.http import Response

TRUNKS_MAX = 100
"""Trunks of an account (https://www.twilio.com/docs/sip-trunking/scale-and-limits). Here: in each Region."""
TRANSFER_MODES = ("disable-all", "enable-all", "sip-only")
TRANSFER_CALLER_IDS = ("from-transferee", "from-transferor")


def show(ask: Ask, trunk: Trunk) -> dict[str, Any]:
    """A trunk."""
    url = f"https://{ask.host.name}/v1/Trunks/{trunk.sid}"
    return {
        "sid": trunk.sid,
        "account_sid": ask.world.account_sid,
        "friendly_name": trunk.friendly_name,
        "domain_name": trunk.domain_name or None,
        "disaster_recovery_url": trunk.disaster_recovery_url or None,
        "disaster_recovery_method": trunk.disaster_recovery_method if trunk.disaster_recovery_url else None,
        "transfer_mode": trunk.transfer_mode,
        "transfer_caller_id": trunk.transfer_caller_id,
        "secure": trunk.secure,
        "cnam_lookup_enabled": trunk.cnam_lookup_enabled,
        "symmetric_rtp_enabled": False,
        "recording": {"mode": trunk.recording_mode, "trim": trunk.recording_trim},
        "auth_type": trunk.auth_type,
        "auth_type_set": [part for part in trunk.auth_type.split(",") if part],
        "date_created": iso(trunk.created_at),
        "date_updated": iso(trunk.updated_at),
        "url": url,
        "links": {
            "origination_urls": url + "/OriginationUrls",
            "credential_lists": url + "/CredentialLists",
            "ip_access_control_lists": url + "/IpAccessControlLists",
            "phone_numbers": url + "/PhoneNumbers",
            "recording": url + "/Recording",
        },
    }


def one_trunk(ask: Ask) -> Trunk:
    """The trunk of the path.

    Raises:
        Refused: 404 if this Region has none with this id.
    """
    trunk = ask.store.trunks.get(ask.ids["trunk"])
    if trunk is None:
        raise ask.not_found()
    return trunk


def list_(ask: Ask) -> Response:
    """The Region's trunks."""
    return page_of_product(ask, "trunks", list(ask.store.trunks.values()), lambda trunk: show(ask, trunk))


def fetch(ask: Ask) -> Response:
    """One trunk."""
    return resource(show(ask, one_trunk(ask)))


def create(ask: Ask) -> Response:
    """A new trunk."""
    if len(ask.store.trunks) >= TRUNKS_MAX:
        raise Refused(400, 21244, f"The account has {TRUNKS_MAX} trunks in {ask.region}, which is the most")
    trunk = Trunk(
        sid="",
        friendly_name="",
        domain_name="",
        disaster_recovery_url="",
        disaster_recovery_method="POST",
        secure=False,
        auth_type="",
        created_at=ask.now,
        updated_at=ask.now,
    )
    _write(ask, trunk)
    trunk.sid = ask.world.mint("TK")
    ask.store.trunks[trunk.sid] = trunk
    return resource(show(ask, trunk), 201)


def update(ask: Ask) -> Response:
    """Change the fields that are sent."""
    trunk = one_trunk(ask)
    _write(ask, trunk)
    return resource(show(ask, trunk))


def delete(ask: Ask) -> Response:
    """Delete it. Numbers that were on it have no trunk any more."""
    trunk = one_trunk(ask)
    del ask.store.trunks[trunk.sid]
    for configured in ask.store.numbers.values():
        if configured.trunk_sid == trunk.sid:
            configured.trunk_sid = ""
    return NO_CONTENT


def _write(ask: Ask, trunk: Trunk) -> None:
    domain = ask.given("DomainName")
    if domain:
        left, _, right = domain.partition(".pstn.")
        if right != "twilio.com" or not left or not all(c.isalnum() or c in "-." for c in left):
            raise Refused(400, 21245, f"DomainName {domain!r} is invalid; it ends in .pstn.twilio.com")
        if any(other.domain_name == domain and other is not trunk for other in ask.store.trunks.values()):
            raise Refused(400, 21248, f"DomainName {domain} is taken in {ask.region}")
    recovery = checked_url(ask, "DisasterRecoveryUrl")
    method = checked_method(ask, "DisasterRecoveryMethod")
    transfer_mode = ask.one_of("TransferMode", trunk.transfer_mode, TRANSFER_MODES, 21245)
    transfer_caller_id = ask.one_of("TransferCallerId", trunk.transfer_caller_id, TRANSFER_CALLER_IDS, 21245)
    name = ask.given("FriendlyName")
    if name is not None and len(name) > 64:
        raise Refused(400, 21245, f"FriendlyName has {len(name)} characters; at most 64")
    if domain is not None:
        trunk.domain_name = domain
    if ask.given("DisasterRecoveryUrl") is not None:
        trunk.disaster_recovery_url = recovery
    if ask.given("DisasterRecoveryMethod") is not None:
        trunk.disaster_recovery_method = method
    if name is not None:
        trunk.friendly_name = name
    trunk.transfer_mode, trunk.transfer_caller_id = transfer_mode, transfer_caller_id
    trunk.cnam_lookup_enabled = ask.flag("CnamLookupEnabled", trunk.cnam_lookup_enabled)
    trunk.secure = ask.flag("Secure", trunk.secure)
    trunk.updated_at = ask.now


endpoints = (
    Endpoint("trunking", "v1", "Trunks", {"GET": list_, "POST": create}),
    Endpoint("trunking", "v1", "Trunks/{trunk}", {"GET": fetch, "POST": update, "DELETE": delete}),
)
