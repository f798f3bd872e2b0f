"""Acme Clinics' provider account, in the format of ``voicedr twin up --account``: as it is before anybody prepared it.

The support line is prepared from end to end. The other flows have the gaps that accounts have:

    sales      eight numbers have no handler in ie1; twelve fall back to the host they fall back from
    dispatch   in ie1 the yard's trunk has one origination URI, and its disaster-recovery URL is on an SBC's host
    lobby      in ie1 the SIP domain has no authentication, so it gets no traffic
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from ruamel.yaml import YAML

from voicedr.runtime.sample_customer.estate import (
    DISPATCH,
    DISPATCH_TRUNK,
    DUTY_DISPATCHER,
    LOBBY,
    LOBBY_DOMAIN,
    RECEPTION,
    SALES,
    SALES_DESK,
    SUPPORT_LINE,
    YARD_TRUNK,
    CustomerUrls,
)

SUPPORT_APPLICATION = "Support line"
"""The TwiML App of every other support number; it exists in both Regions under this name."""

DISPATCH_TRUNK_NAME = "Dispatch"
YARD_TRUNK_NAME = "Yard"

SALES_WITHOUT_STANDBY = SALES[:8]
SALES_FALLING_BACK_ON_THEMSELVES = SALES[8:20]
DISPATCH_ON_YARD = DISPATCH[20:]


def example_account(
    urls: CustomerUrls,
    *,
    account_sid: str | None = None,
    credentials: Mapping[str, Mapping[str, str]] | None = None,
    settings: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The account as plain data: 200 numbers, two trunks and a SIP domain, in us1 and ie1.

    Args:
        urls: Where the application's processes are.
        account_sid: The account's SID; None: the twin mints one from its seed.
        credentials: ``auth_token``, ``api_key`` and ``api_secret`` by Region; None: minted too.
        settings: The twin's settings, e.g. ``{"propagation_s": [2, 6]}``; None: its defaults.
    """
    account: dict[str, Any] = {}
    if account_sid is not None:
        account["account_sid"] = account_sid
    if credentials is not None:
        account["credentials"] = {region: dict(values) for region, values in credentials.items()}
    if settings is not None:
        account["settings"] = dict(settings)
    return account | {
        "numbers": [*_support_numbers(urls), *_sales_numbers(urls), *_dispatch_numbers(), *_lobby_numbers(urls)],
        "applications": {
            "us1": [{"friendly_name": SUPPORT_APPLICATION} | _handler(urls.primary, urls.fallback, "support-line")],
            "ie1": [{"friendly_name": SUPPORT_APPLICATION} | _handler(urls.standby, urls.fallback, "support-line")],
        },
        "trunks": {"us1": _trunks_us1(urls), "ie1": _trunks_ie1(urls)},
        "sip_domains": {
            "us1": [_lobby_domain(urls.primary, urls.fallback) | {"auth_type": "CREDENTIAL_LIST", "route": "us1"}],
            "ie1": [_lobby_domain(urls.standby, urls.fallback) | {"auth_type": ""}],
        },
        "parties": {
            SALES_DESK: {"answers": True, "after_s": 2, "talks_s": 20},
            DUTY_DISPATCHER: {"answers": True, "after_s": 3, "talks_s": 30},
            RECEPTION: {"answers": True, "after_s": 2, "talks_s": 10},
            "sip:sbc1.acme.example": {"answers": True, "after_s": 1, "talks_s": 20},
            "sip:sbc2.acme.example": {"answers": True, "after_s": 1, "talks_s": 20},
            "sip:sbc3.acme.example": {"answers": True, "after_s": 1, "talks_s": 20},
        },
    }


def example_account_yaml(
    urls: CustomerUrls,
    *,
    account_sid: str | None = None,
    credentials: Mapping[str, Mapping[str, str]] | None = None,
    settings: Mapping[str, Any] | None = None,
) -> str:
    """``example_account`` as YAML text."""
    yaml = YAML()
    yaml.width = 120
    text = io.StringIO()
    yaml.dump(example_account(urls, account_sid=account_sid, credentials=credentials, settings=settings), text)
    return "# Acme Clinics: the account of the sample application. Every number and host in it is made up.\n" + (
        text.getvalue()
    )


def _handler(base: str, fallback: str, line: str) -> dict[str, str]:
    """Who answers a line: an instance, and behind it a process on another host."""
    return {
        "voice_url": f"{base}/voice/{line}",
        "voice_method": "POST",
        "voice_fallback_url": f"{fallback}/voice/{line}",
        "voice_fallback_method": "POST",
        "status_callback": f"{base}/status",
        "status_callback_method": "POST",
    }


def _support_numbers(urls: CustomerUrls) -> list[dict[str, Any]]:
    numbers = []
    for index, e164 in enumerate(SUPPORT_LINE):
        if index % 2:
            voice: dict[str, Any] = {region: {"application": SUPPORT_APPLICATION} for region in ("us1", "ie1")}
        else:
            voice = {
                "us1": _handler(urls.primary, urls.fallback, "support-line"),
                "ie1": _handler(urls.standby, urls.fallback, "support-line"),
            }
        numbers.append({"e164": e164, "friendly_name": f"Support {index + 1}", "route": "us1", "voice": voice})
    return numbers


def _sales_numbers(urls: CustomerUrls) -> list[dict[str, Any]]:
    numbers = []
    for index, e164 in enumerate(SALES):
        on_itself = e164 in SALES_FALLING_BACK_ON_THEMSELVES
        voice = {"us1": _handler(urls.primary, urls.primary if on_itself else urls.fallback, "sales")}
        if e164 not in SALES_WITHOUT_STANDBY:
            voice["ie1"] = _handler(urls.standby, urls.standby if on_itself else urls.fallback, "sales")
        number: dict[str, Any] = {"e164": e164, "friendly_name": f"Sales {index + 1}", "voice": voice}
        # The older half was bought in the console, which sets a route; the newer half by REST, which sets none
        # (https://www.twilio.com/docs/global-infrastructure/inbound-processing-api, read 2026-11-21).
        if index < len(SALES) // 2:
            number["route"] = "us1"
        numbers.append(number)
    return numbers


def _dispatch_numbers() -> list[dict[str, Any]]:
    numbers = []
    for index, e164 in enumerate(DISPATCH):
        trunk = YARD_TRUNK_NAME if e164 in DISPATCH_ON_YARD else DISPATCH_TRUNK_NAME
        voice = {region: {"trunk": trunk} for region in ("us1", "ie1")}
        numbers.append({"e164": e164, "friendly_name": f"Dispatch {index + 1}", "route": "us1", "voice": voice})
    return numbers


def _lobby_numbers(urls: CustomerUrls) -> list[dict[str, Any]]:
    return [
        {
            "e164": e164,
            "friendly_name": f"Lobby {index + 1}",
            "route": "us1",
            "voice": {
                "us1": _handler(urls.primary, urls.fallback, "lobby"),
                "ie1": _handler(urls.standby, urls.fallback, "lobby"),
            },
        }
        for index, e164 in enumerate(LOBBY)
    ]


def _lobby_domain(base: str, fallback: str) -> dict[str, Any]:
    return {"domain_name": LOBBY_DOMAIN, "friendly_name": "Lobby"} | _handler(base, fallback, "lobby")


def _trunks_us1(urls: CustomerUrls) -> list[dict[str, Any]]:
    return [
        _trunk(
            DISPATCH_TRUNK_NAME,
            DISPATCH_TRUNK,
            f"{urls.fallback}/voice/dispatch",
            [_origination("sbc1", "ashburn", 10), _origination("sbc2", "ashburn", 20)],
        )
        | {"route": "us1"},
        _trunk(
            YARD_TRUNK_NAME,
            YARD_TRUNK,
            f"{urls.fallback}/voice/dispatch",
            [_origination("sbc3", "ashburn", 10), _origination("sbc1", "ashburn", 20)],
        )
        | {"route": "us1"},
    ]


def _trunks_ie1(urls: CustomerUrls) -> list[dict[str, Any]]:
    return [
        _trunk(
            DISPATCH_TRUNK_NAME,
            DISPATCH_TRUNK,
            f"{urls.fallback}/voice/dispatch",
            [_origination("sbc2", "dublin", 10), _origination("sbc1", "dublin", 20)],
        ),
        _trunk(
            YARD_TRUNK_NAME,
            YARD_TRUNK,
            "http://sbc3.acme.example/voice/dispatch",
            [_origination("sbc3", "dublin", 10)],
        ),
    ]


def _trunk(name: str, domain: str, recovery_url: str, origination: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "friendly_name": name,
        "domain_name": domain,
        "disaster_recovery_url": recovery_url,
        "auth_type": "IP_ACL,CREDENTIAL_LIST",
        "origination_urls": origination,
    }


def _origination(sbc: str, edge: str, priority: int) -> dict[str, Any]:
    return {
        "sip_url": f"sip:{sbc}.acme.example;edge={edge}",
        "priority": priority,
        "weight": 10,
        "enabled": True,
        "friendly_name": sbc,
    }
