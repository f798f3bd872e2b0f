"""Recordings: what was recorded in a Region, by itself, of a call and of a conference. Metadata only, no sound.

Source: https://www.twilio.com/docs/voice/api/recording (read 2026-11-21). The metadata of a deleted recording is kept
for 40 days and shown with ``IncludeSoftDeleted``. Recordings stay in the Region that processed the call.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from voicedr.twin.api.answers import NO_CONTENT, Refused, resource, rfc2822
from voicedr.twin.api.ask import Ask, Endpoint
from voicedr.twin.api.dates import window
from voicedr.twin.api.paging import page_2010
from voicedr.twin.world.model import Recording
from voicedr.wire.http import Response

DELETED_KEPT_S = 40 * 86_400
LIVE = ("in-progress", "paused")


def show(ask: Ask, recording: Recording) -> dict[str, Any]:
    """A recording in the account's list."""
    account = f"/2010-04-01/Accounts/{ask.world.account_sid}"
    uri = f"{account}/Recordings/{recording.sid}"
    return {
        **_common(ask, recording),
        "price": None,
        "media_url": f"https://{ask.host.name}{uri}",
        "uri": uri + ".json",
        "subresource_uris": {
            "add_on_results": uri + "/AddOnResults.json",
            "transcriptions": uri + "/Transcriptions.json",
        },
    }


def show_of_call(ask: Ask, recording: Recording) -> dict[str, Any]:
    """A recording in the list of its call or of its conference."""
    account = f"/2010-04-01/Accounts/{ask.world.account_sid}"
    owner = f"Conferences/{recording.conference_sid}" if "conference" in ask.ids else f"Calls/{recording.call_sid}"
    shown = {**_common(ask, recording), "price": None, "uri": f"{account}/{owner}/Recordings/{recording.sid}.json"}
    if "conference" not in ask.ids:
        shown["track"] = recording.track
    return shown


def list_(ask: Ask) -> Response:
    """The Region's recordings, newest first, by call, conference and day."""
    return page_2010(ask, "recordings", _matching(ask), lambda recording: show(ask, recording))


def fetch(ask: Ask) -> Response:
    """One recording."""
    return resource(show(ask, _one(ask)))


def list_of(ask: Ask) -> Response:
    """The recordings of a call or of a conference of this Region."""
    _owner(ask)
    return page_2010(ask, "recordings", _matching(ask), lambda recording: show_of_call(ask, recording))


def fetch_of(ask: Ask) -> Response:
    """One recording of a call or of a conference."""
    _owner(ask)
    return resource(show_of_call(ask, _one(ask)))


def delete(ask: Ask) -> Response:
    """Delete the sound. That a recording which still runs cannot be deleted is an assumption (409, 20409)."""
    recording = _one(ask)
    if recording.status in LIVE:
        raise Refused(409, 20409, f"{recording.sid} is {recording.status}; it can be deleted once it has ended")
    recording.status, recording.updated_at = "deleted", ask.now
    return NO_CONTENT


def _common(ask: Ask, recording: Recording) -> dict[str, Any]:
    return {
        "sid": recording.sid,
        "account_sid": ask.world.account_sid,
        "api_version": "2010-04-01",
        "call_sid": recording.call_sid or None,
        "conference_sid": recording.conference_sid or None,
        "channels": recording.channels,
        "source": recording.source,
        "status": recording.status,
        "duration": None if recording.duration_s is None else str(recording.duration_s),
        "start_time": rfc2822(recording.started_at),
        "date_created": rfc2822(recording.created_at),
        "date_updated": rfc2822(recording.updated_at),
        "price_unit": "USD" if ask.region == "us1" else None,
        "error_code": None,
        "encryption_details": None,
    }


def _shown(ask: Ask, recording: Recording) -> bool:
    if recording.status != "deleted":
        return True
    asked = (ask.wanted("IncludeSoftDeleted") or "").lower() == "true"
    return asked and ask.now - recording.updated_at <= DELETED_KEPT_S


def _matching(ask: Ask) -> Iterator[Recording]:
    call = ask.ids.get("call") or ask.wanted("CallSid")
    conference = ask.ids.get("conference") or ask.wanted("ConferenceSid")
    created = window(ask, "DateCreated")
    for recording in reversed(list(ask.store.recordings.values())):
        if call not in (None, recording.call_sid) or conference not in (None, recording.conference_sid):
            continue
        if created.has(recording.created_at) and _shown(ask, recording):
            yield recording


def _owner(ask: Ask) -> None:
    if ask.ids.get("call", "") not in ("", *ask.store.calls) or ask.ids.get("conference", "") not in (
        "",
        *ask.store.conferences,
    ):
        raise ask.not_found()


def _one(ask: Ask) -> Recording:
    recording = ask.store.recordings.get(ask.ids["sid"])
    if recording is None or not _shown(ask, recording):
        raise ask.not_found()
    if ask.ids.get("call") not in (None, recording.call_sid):
        raise ask.not_found()
    if ask.ids.get("conference") not in (None, recording.conference_sid):
        raise ask.not_found()
    return recording


endpoints = (
    Endpoint("api", "2010-04-01", "Recordings", {"GET": list_}),
    Endpoint("api", "2010-04-01", "Recordings/{sid}", {"GET": fetch, "DELETE": delete}),
    Endpoint("api", "2010-04-01", "Calls/{call}/Recordings", {"GET": list_of}),
    Endpoint("api", "2010-04-01", "Calls/{call}/Recordings/{sid}", {"GET": fetch_of, "DELETE": delete}),
    Endpoint("api", "2010-04-01", "Conferences/{conference}/Recordings", {"GET": list_of}),
    Endpoint("api", "2010-04-01", "Conferences/{conference}/Recordings/{sid}", {"GET": fetch_of, "DELETE": delete}),
)
