"""Voice Insights: call summaries, which say which Region signalled and carried a call, and the settings.

Sources: https://www.twilio.com/docs/voice/voice-insights/api/call/call-summary-resource and
https://www.twilio.com/docs/voice/voice-insights/api/call/call-summaries-resource (read 2026-11-21). A summary is
partial from the end of a call (documented: within ten minutes) and complete half an hour later; a complete one asked
for sooner is 17001, a call of more than 30 days ago 17002, and without Advanced Features nothing is shown, 17007
(https://www.twilio.com/docs/api/errors; their HTTP status was not found: here 404, and 403 for the last). The keys of
``properties`` are those that an event example shows. Whether ``insights`` has regional hosts is said both ways; here
each shows its Region's calls. Annotations have a file of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from voicedr.twin.api.answers import Refused, iso, resource
from voicedr.twin.api.ask import Ask, Endpoint
from voicedr.twin.api.dates import instant
from voicedr.twin.api.insights_filters import filtered
from voicedr.twin.api.paging import page_of_product
from voicedr.twin.world.model import Call
from voicedr.wire.http import Response

COMPLETE_AFTER_S = 30 * 60
KEPT_S = 30 * 86_400
SUMMARIES_MAX = 25
_STATES = {"no-answer": "noanswer", "failed": "fail"}
_PROCESSING = ("completed", "started", "partial", "all")
_RELATIVE = re.compile(r"(\d+)([mhdw])")
_SECONDS = {"m": 60, "h": 3600, "d": 86_400, "w": 7 * 86_400}


def show(ask: Ask, call: Call, state: str) -> dict[str, Any]:
    """A call's summary. ``signaling_region`` and ``media_region`` are where it was processed."""
    ended, answered = call.ended_at or call.created_at, call.answered_at
    kind = kind_of(call)
    edge = _edge(ask, call)
    return {
        "account_sid": ask.world.account_sid,
        "call_sid": call.sid,
        "call_type": kind,
        "call_state": _STATES.get(call.status, call.status),
        "processing_state": state,
        "answered_by": None,
        "created_time": iso(call.created_at),
        "start_time": iso(call.started_at or call.created_at),
        "end_time": iso(ended),
        "duration": round(ended - (call.started_at or call.created_at)),
        "connect_duration": round(ended - answered) if answered is not None else 0,
        "from": {"caller": call.from_, "connection": kind},
        "to": {"callee": call.to, "connection": kind},
        "carrier_edge": edge if kind in ("carrier", "trunking") else None,
        "sip_edge": edge if kind in ("sip", "trunking") else None,
        "client_edge": edge if kind == "client" else None,
        "sdk_edge": None,
        "tags": [],
        "attributes": {},
        "properties": {"direction": call.direction.replace("-", "_"), "queue_time": call.queue_time_ms},
        "trust": {},
        "annotation": {},
        "agent_session_summaries": [],
        "url": f"https://{ask.host.name}/v1/Voice/{call.sid}/Summary",
    }


def show_call(ask: Ask) -> Response:
    """Where the parts of a call are."""
    call = one_call(ask)
    url = f"https://{ask.host.name}/v1/Voice/{call.sid}"
    links = {name.lower(): f"{url}/{name}" for name in ("Annotation", "Summary", "Events", "Metrics")}
    return resource({"sid": call.sid, "url": url, "links": links})


def summary(ask: Ask) -> Response:
    """One summary: as it is now, or the complete one, or the partial one."""
    allowed(ask)
    call = one_call(ask)
    wanted = ask.wanted("ProcessingState")
    if wanted not in (None, "complete", "partial"):
        raise Refused(400, 17400, f"ProcessingState is {wanted!r}; give complete or partial")
    if ask.now - call.created_at > KEPT_S:
        raise Refused(404, 17002, f"Call {call.sid} is older than 30 days; its summary is gone")
    if call.ended_at is None:
        raise Refused(404, 17001, f"The summary of call {call.sid} is not ready: the call is {call.status}")
    state = _state(ask, call)
    if wanted == "complete" and state != "complete":
        raise Refused(404, 17001, f"The complete summary of call {call.sid} is not ready; ask 30 minutes after its end")
    return resource(show(ask, call, wanted or state))


def summaries(ask: Ask) -> Response:
    """The Region's summaries of the last four hours, or of the times that are asked for, newest first."""
    allowed(ask)
    ask.query.setdefault("PageSize", [str(SUMMARIES_MAX)])
    size = ask.wanted("PageSize") or ""
    if size.isdigit() and int(size) > SUMMARIES_MAX:
        ask.query["PageSize"] = [str(SUMMARIES_MAX)]
    found = filtered(ask, _matching(ask))
    return page_of_product(ask, "call_summaries", found, lambda call: show(ask, call, _state(ask, call)))


def settings(ask: Ask) -> Response:
    """Whether Advanced Features and Voice Trace are on."""
    return resource(
        {
            "account_sid": ask.world.account_sid,
            "advanced_features": ask.store.insights_advanced,
            "voice_trace": ask.store.insights_trace,
            "url": f"https://{ask.host.name}/v1/Voice/Settings",
        }
    )


def change_settings(ask: Ask) -> Response:
    """Turn them on or off."""
    ask.store.insights_advanced = ask.flag("AdvancedFeatures", ask.store.insights_advanced)
    ask.store.insights_trace = ask.flag("VoiceTrace", ask.store.insights_trace)
    return settings(ask)


def allowed(ask: Ask) -> None:
    """Refuse what Advanced Features alone show, with 17007, if they are off."""
    if not ask.store.insights_advanced:
        raise Refused(403, 17007, "Voice Insights Advanced Features are off for this account")


def one_call(ask: Ask) -> Call:
    """The call of the path, of this Region."""
    call = ask.store.calls.get(ask.ids["call"])
    if call is None:
        raise ask.not_found()
    return call


def _state(ask: Ask, call: Call) -> str:
    return "complete" if ask.now - (call.ended_at or ask.now) >= COMPLETE_AFTER_S else "partial"


def kind_of(call: Call) -> str:
    """carrier, sip, trunking or client."""
    if call.direction.startswith("trunking") or call.trunk_sid:
        return "trunking"
    for far in (call.from_, call.to):
        if far.startswith(("sip:", "sips:")):
            return "sip"
        if far.startswith("client:"):
            return "client"
    return "carrier"


def _edge(ask: Ask, call: Call) -> dict[str, Any]:
    answered = call.answered_at is not None
    codes = {"completed": 200, "busy": 486, "no-answer": 480, "canceled": 487, "failed": 503}
    begun = call.started_at or call.created_at
    return {
        "metrics": {},
        "properties": {
            "signaling_region": ask.region,
            "media_region": ask.region if answered else None,
            "direction": call.direction.replace("-", "_"),
            "last_sip_response_num": codes.get(call.status),
            "pdd_ms": round(((call.answered_at or call.ended_at or begun) - begun) * 1000),
            "trunk_sid": call.trunk_sid or None,
        },
    }


def _matching(ask: Ask) -> Iterator[Call]:
    wanted = ask.wanted("ProcessingState") or "completed"
    if wanted not in _PROCESSING:
        raise Refused(400, 17400, f"ProcessingState is {wanted!r}; give one of {', '.join(_PROCESSING)}")
    least, most = _time(ask, "StartTime", "4h"), _time(ask, "EndTime", "0m")
    kind, state, direction = ask.wanted("CallType"), ask.wanted("CallState"), ask.wanted("Direction")
    ends = {"From": "from_", "To": "to"}
    for call in reversed(list(ask.store.calls.values())):
        begun = call.started_at or call.created_at
        if call.ended_at is None or not max(least, ask.now - KEPT_S) <= begun <= most:
            continue
        if kind not in (None, kind_of(call)) or state not in (None, _STATES.get(call.status, call.status)):
            continue
        if direction not in (None, call.direction.replace("-", "_")):
            continue
        if any(ask.wanted(asked) not in (None, getattr(call, name)) for asked, name in ends.items()):
            continue
        done = _state(ask, call) == "complete"
        if wanted == "all" or (wanted == "completed") == done:
            yield call


def _time(ask: Ask, name: str, otherwise: str) -> float:
    """A time, or so long ago: ``30m``, ``4h``, ``3d``, ``1w``."""
    ago = _RELATIVE.fullmatch(ask.wanted(name) or otherwise)
    if ago is not None:
        return ask.now - int(ago[1]) * _SECONDS[ago[2]]
    return instant(ask, name) or 0.0


endpoints = (
    Endpoint("insights", "v1", "Voice/Settings", {"GET": settings, "POST": change_settings}),
    Endpoint("insights", "v1", "Voice/Summaries", {"GET": summaries}),
    Endpoint("insights", "v1", "Voice/{call}", {"GET": show_call}),
    Endpoint("insights", "v1", "Voice/{call}/Summary", {"GET": summary}),
)
