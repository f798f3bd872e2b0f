"""Annotation of a call: what people say of it afterwards. In us1 only.

Sources: https://www.twilio.com/docs/voice/voice-insights/api/call/call-annotation-resource and
https://www.twilio.com/docs/global-infrastructure/regional-product-and-feature-availability (read 2026-11-21). A score
is 1 to 5, a comment and an incident have at most 100 characters; fields that are not sent stay.
"""

from __future__ import annotations

from dataclasses import replace

from voicedr.twin.api.answers import Refused, resource
from voicedr.twin.api.ask import Ask, Endpoint
from voicedr.twin.world.permissions import Annotation
from voicedr.wire.http import Response

ANSWERED_BY = ("unknown_answered_by", "human", "machine")
CONNECTIVITY = (
    "unknown_connectivity_issue", "no_connectivity_issue", "invalid_number", "caller_id", "dropped_call",
    "number_reachability",
)  # fmt: skip
QUALITY = (
    "no_quality_issue", "low_volume", "choppy_robotic", "echo", "dtmf", "latency", "owa",
    "static_noise",
)  # fmt: skip
CHARACTERS_MAX = 100


def fetch(ask: Ask) -> Response:
    """What is said of a call; unknown where nothing was said."""
    said = ask.store.annotations.get(_call(ask), Annotation())
    return resource(
        {
            "account_sid": ask.world.account_sid,
            "call_sid": ask.ids["call"],
            "answered_by": said.answered_by,
            "connectivity_issue": said.connectivity_issue,
            "quality_issues": list(said.quality_issues),
            "spam": said.spam,
            "call_score": said.call_score,
            "comment": said.comment,
            "incident": said.incident,
            "url": f"https://{ask.host.name}/v1/Voice/{ask.ids['call']}/Annotation",
        }
    )


def update(ask: Ask) -> Response:
    """Say something of a call."""
    sid = _call(ask)
    was = ask.store.annotations.get(sid, Annotation())
    quality = was.quality_issues
    if (text := ask.given("QualityIssues")) is not None:
        quality = tuple(word.strip() for word in text.split(",") if word.strip())
        if unknown := [word for word in quality if word not in QUALITY]:
            raise Refused(400, 17400, f"QualityIssues has {unknown[0]!r}; give any of {', '.join(QUALITY)}")
    ask.store.annotations[sid] = replace(
        was,
        answered_by=ask.one_of("AnsweredBy", was.answered_by, ANSWERED_BY, 17400),
        connectivity_issue=ask.one_of("ConnectivityIssue", was.connectivity_issue, CONNECTIVITY, 17400),
        quality_issues=quality,
        spam=ask.flag("Spam", was.spam),
        call_score=ask.whole("CallScore", was.call_score or 1, 1, 5, 17400)
        if ask.given("CallScore")
        else was.call_score,
        comment=_text(ask, "Comment", was.comment),
        incident=_text(ask, "Incident", was.incident),
    )
    return fetch(ask)


def _text(ask: Ask, name: str, otherwise: str) -> str:
    text = ask.given(name)
    if text is not None and len(text) > CHARACTERS_MAX:
        raise Refused(400, 17400, f"{name} has {len(text)} characters; at most {CHARACTERS_MAX}")
    return otherwise if text is None else text


def _call(ask: Ask) -> str:
    if ask.ids["call"] not in ask.store.calls:
        raise ask.not_found()
    return ask.ids["call"]


endpoints = (Endpoint("insights", "v1", "Voice/{call}/Annotation", {"GET": fetch, "POST": update}, us1_realm=True),)
