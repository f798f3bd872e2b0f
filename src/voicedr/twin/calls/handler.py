"""Who answers a call, taken from the configuration of the Region that processes it."""

from __future__ import annotations

from dataclasses import dataclass

from voicedr.twin.calls.orders import Instructions
from voicedr.twin.world.model import Number, RegionStore, Trunk, Voice


@dataclass(frozen=True, slots=True)
class Handler:
    """Where TwiML comes from, where else if that fails, and who is told at the end.

    ``twiml`` is the text itself; it is used only if ``url`` is empty.
    """

    url: str
    method: str = "POST"
    fallback_url: str = ""
    fallback_method: str = "POST"
    status_callback: str = ""
    status_callback_method: str = "POST"
    status_callback_events: tuple[str, ...] = ("completed",)
    twiml: str = ""


def of_voice(voice: Voice) -> Handler | None:
    """The handler that these URLs make; None if there is no URL to begin with."""
    if not voice.voice_url:
        return None
    return Handler(
        voice.voice_url,
        voice.voice_method,
        voice.voice_fallback_url,
        voice.voice_fallback_method,
        voice.status_callback,
        voice.status_callback_method,
    )


def of_number(store: RegionStore, number: Number) -> Handler | Trunk | None:
    """Who answers a number in this Region: trunk before application before URLs.

    A trunk or an application that is named overrides what stands behind it even if it is gone: then nobody answers
    (https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource).
    """
    configured = store.numbers.get(number.sid)
    if configured is None:
        return None
    if configured.trunk_sid:
        return store.trunks.get(configured.trunk_sid)
    if configured.voice_application_sid:
        application = store.applications.get(configured.voice_application_sid)
        return of_voice(application.voice) if application else None
    return of_voice(configured.voice)


def of_disaster_recovery(trunk: Trunk) -> Handler | None:
    """A trunk's disaster recovery URL as a handler. It has no fallback and no status callback of its own."""
    if not trunk.disaster_recovery_url:
        return None
    return Handler(trunk.disaster_recovery_url, trunk.disaster_recovery_method or "POST")


def of_instructions(store: RegionStore, told: Instructions) -> Handler | None:
    """The handler of a call created by REST. With an application the call's other URLs are ignored.

    None if an application was named that is not in this Region, or that has no URL.
    """
    if told.application_sid:
        application = store.applications.get(told.application_sid)
        return of_voice(application.voice) if application else None
    return Handler(
        told.url,
        told.method or "POST",
        told.fallback_url,
        told.fallback_method or "POST",
        told.status_callback,
        told.status_callback_method or "POST",
        told.status_callback_events or ("completed",),
        "" if told.url else told.twiml,
    )
