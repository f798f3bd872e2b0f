"""Applications (TwiML Apps): regional; a Region sees its own.

Source: https://www.twilio.com/docs/usage/api/applications (read 2026-11-21).
"""

from __future__ import annotations

from typing import Any

from voicedr.twin.api.answers import NO_CONTENT, Refused, resource, rfc2822
from voicedr.twin.api.ask import Ask, Endpoint
from voicedr.twin.api.paging import page_2010
from voicedr.twin.api.voice_fields import changed_voice, checked_method, checked_url, voice_keys
from voicedr.twin.world.model import Application, Voice
from voicedr.wire.http import Response


def show(ask: Ask, application: Application) -> dict[str, Any]:
    """An application."""
    return {
        "sid": application.sid,
        "account_sid": ask.world.account_sid,
        "friendly_name": application.friendly_name,
        **voice_keys(application.voice),
        "voice_caller_id_lookup": False,
        "sms_url": application.sms_url or None,
        "sms_method": application.sms_method,
        "sms_fallback_url": application.sms_fallback_url or None,
        "sms_fallback_method": application.sms_fallback_method,
        "sms_status_callback": None,
        "message_status_callback": None,
        "public_application_connect_enabled": False,
        "api_version": "2010-04-01",
        "date_created": rfc2822(application.created_at),
        "date_updated": rfc2822(application.updated_at),
        "uri": f"/2010-04-01/Accounts/{ask.world.account_sid}/Applications/{application.sid}.json",
    }


def list_(ask: Ask) -> Response:
    """The Region's applications; ``FriendlyName`` is exact."""
    name = ask.wanted("FriendlyName")
    found = [made for made in ask.store.applications.values() if name is None or made.friendly_name == name]
    return page_2010(ask, "applications", found, lambda made: show(ask, made))


def fetch(ask: Ask) -> Response:
    """One application."""
    return resource(show(ask, _one(ask)))


def create(ask: Ask) -> Response:
    """A new application."""
    voice = changed_voice(ask, Voice())
    application = Application(ask.world.mint("AP"), _name(ask, ""), voice, ask.now, ask.now)
    _change_sms(ask, application)
    ask.store.applications[application.sid] = application
    return resource(show(ask, application), 201)


def update(ask: Ask) -> Response:
    """Change the fields that are sent."""
    application = _one(ask)
    voice, name = changed_voice(ask, application.voice), _name(ask, application.friendly_name)
    _change_sms(ask, application)
    application.voice, application.friendly_name, application.updated_at = voice, name, ask.now
    return resource(show(ask, application))


def delete(ask: Ask) -> Response:
    """Delete it. Numbers that name it keep the name; their calls find no handler."""
    del ask.store.applications[_one(ask).sid]
    return NO_CONTENT


def _one(ask: Ask) -> Application:
    application = ask.store.applications.get(ask.ids["sid"])
    if application is None:
        raise ask.not_found()
    return application


def _change_sms(ask: Ask, application: Application) -> None:
    """Set what is sent for messages. A fallback without its primary is 21406."""
    url = checked_url(ask, "SmsUrl") if "SmsUrl" in ask.form else application.sms_url
    fallback = checked_url(ask, "SmsFallbackUrl") if "SmsFallbackUrl" in ask.form else application.sms_fallback_url
    methods = [
        checked_method(ask, name) if name in ask.form else now_
        for name, now_ in (
            ("SmsMethod", application.sms_method), ("SmsFallbackMethod", application.sms_fallback_method),
        )
    ]  # fmt: skip
    if "SmsFallbackUrl" in ask.form and fallback and not url:
        raise Refused(400, 21406, "SmsFallbackUrl is set without SmsUrl")
    application.sms_url, application.sms_fallback_url = url, fallback
    application.sms_method, application.sms_fallback_method = methods


def _name(ask: Ask, otherwise: str) -> str:
    name = ask.given("FriendlyName")
    if name is not None and len(name) > 64:
        raise Refused(400, 20001, f"FriendlyName has {len(name)} characters; at most 64")
    return otherwise if name is None else name


endpoints = (
    Endpoint("api", "2010-04-01", "Applications", {"GET": list_, "POST": create}),
    Endpoint("api", "2010-04-01", "Applications/{sid}", {"GET": fetch, "POST": update, "DELETE": delete}),
)
