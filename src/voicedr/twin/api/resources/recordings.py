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
from voicedr.twin.api.voice_fields import checked_url
from voicedr.twin.calls.office import RECORDINGS_MAX
from voicedr.twin.calls.orders import RecordingChanged
from voicedr.twin.world.model import Recording
from voicedr.wire.http import Response
from voicedr.wire.twiml import Element

DELETED_KEPT_S = 40 * 86_400
LIVE = ("in-progress", "paused")
CURRENT = "Twilio.CURRENT"
"""Stands in a path for the recording that runs."""

_CALLBACK = {
    "RecordingStatusCallback": "recordingStatusCallback",
    "RecordingStatusCallbackMethod": "recordingStatusCallbackMethod",
    "RecordingStatusCallbackEvent": "recordingStatusCallbackEvent",
}


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


def create_of(ask: Ask) -> Response:
    """Record a call that is in progress, until it ends or the recording is stopped. One at a time (assumption)."""
    call = ask.store.calls.get(ask.ids["call"])
    if call is None:
        raise ask.not_found()
    if call.status != "in-progress":
        raise Refused(400, 21220, f"Call {call.sid} is {call.status}; only one that is in-progress can be recorded")
    if any(one.call_sid == call.sid and one.status in LIVE for one in ask.store.recordings.values()):
        raise Refused(400, 21220, f"Call {call.sid} is being recorded already; stop that recording first")
    checked_url(ask, "RecordingStatusCallback")
    given = {attribute: ask.form[name] for name, attribute in _CALLBACK.items() if ask.given(name)}
    noun = Element("Recording", {attribute: " ".join(values) for attribute, values in given.items()}, "", "", ())
    made = Recording(
        ask.world.mint("RE"),
        call.sid,
        "StartCallRecordingAPI",
        ask.now,
        ask.now,
        channels=2 if ask.one_of("RecordingChannels", "mono", ("mono", "dual")) == "dual" else 1,
        track=ask.one_of("RecordingTrack", "both", ("inbound", "outbound", "both")),
        started_at=ask.now,
    )
    while len(ask.store.recordings) >= RECORDINGS_MAX:
        del ask.store.recordings[next(iter(ask.store.recordings))]
    ask.store.recordings[made.sid] = made
    ask.orders.append(RecordingChanged(ask.region, call.sid, made.sid, noun))
    return resource(show_of_call(ask, made), 201)


def update_of(ask: Ask) -> Response:
    """Pause, resume or stop a recording that runs. ``skip`` leaves the pause out, ``silence`` keeps it."""
    _owner(ask)
    recording = _one(ask)
    status = ask.one_of("Status", "", ("in-progress", "paused", "stopped"))
    behavior = ask.one_of("PauseBehavior", "silence", ("skip", "silence"))
    if not status:
        raise Refused(400, 20001, "Missing required parameter Status in the post body")
    if recording.status not in LIVE:
        raise Refused(400, 21220, f"{recording.sid} is {recording.status}; only a recording that runs can be changed")
    recording.resume(ask.now)
    if status == "paused" and behavior == "skip":
        recording.paused_at = ask.now
    recording.status, recording.updated_at = status, ask.now
    if status == "stopped":
        begun = ask.now if recording.started_at is None else recording.started_at
        recording.duration_s = max(0, round(ask.now - begun - recording.paused_s))
        ask.orders.append(RecordingChanged(ask.region, recording.call_sid, recording.sid))
    return resource(show_of_call(ask, recording))


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
    if ask.ids["sid"] == CURRENT:
        recording = next((one for one in _matching(ask) if one.status in LIVE), None)
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
    Endpoint("api", "2010-04-01", "Calls/{call}/Recordings", {"GET": list_of, "POST": create_of}),
    Endpoint(
        "api",
        "2010-04-01",
        "Calls/{call}/Recordings/{sid}",
        {"GET": fetch_of, "POST": update_of, "DELETE": delete},
    ),
    Endpoint("api", "2010-04-01", "Conferences/{conference}/Recordings", {"GET": list_of}),
    Endpoint(
        "api",
        "2010-04-01",
        "Conferences/{conference}/Recordings/{sid}",
        {"GET": fetch_of, "POST": update_of, "DELETE": delete},
    ),
)
