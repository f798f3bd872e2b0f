"""Which call summaries a list has: what a call is, how it went, and what was said of it afterwards.

Source: https://www.twilio.com/docs/voice/voice-insights/api/call/call-summaries-resource (read 2026-11-21). A filter by
something that the twin does not know of its calls (carriers, countries, branding) is refused with 17400: leaving it out
would show calls that were not asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from voicedr.twin.api.answers import Refused
from voicedr.twin.api.ask import Ask
from voicedr.twin.world.model import Call
from voicedr.twin.world.permissions import Annotation

NOT_KNOWN = (
    "FromCarrier", "ToCarrier", "FromCountryCode", "ToCountryCode", "VerifiedCaller", "BrandedEnabled",
    "VoiceIntegrityEnabled", "BrandedBundleSid", "BrandedLogo", "BrandedType", "BrandedUseCase", "BrandedCallReason",
    "VoiceIntegrityBundleSid", "VoiceIntegrityUseCase", "BusinessProfileIdentity", "BusinessProfileIndustry",
    "BusinessProfileBundleSid", "BusinessProfileType",
)  # fmt: skip

_SORTED: dict[str, Callable[[Call], float]] = {
    "start_time": lambda call: call.started_at or call.created_at,
    "end_time": lambda call: call.ended_at or call.created_at,
}


def filtered(ask: Ask, calls: Iterable[Call]) -> list[Call]:
    """The calls that the rest of the query wants, newest first by the time that it is sorted by.

    Raises:
        Refused: 17400 for a filter that cannot be obeyed.
    """
    for name in NOT_KNOWN:
        if ask.wanted(name) is not None:
            raise Refused(400, 17400, f"{name}: the twin does not know this of a call; leave it out")
    by = ask.wanted("SortBy") or "start_time"
    if by not in _SORTED:
        raise Refused(400, 17400, f"SortBy is {by!r}; give one of {', '.join(_SORTED)}")
    found = [call for call in calls if _went(ask, call) and _annotated(ask, call)]
    return sorted(found, key=_SORTED[by], reverse=True)


def _went(ask: Ask, call: Call) -> bool:
    """An abnormal session is one whose last SIP response was another than 200. Nothing has a tag here."""
    abnormal, tag = ask.wanted("AbnormalSession"), ask.wanted("HasTag")
    if abnormal is not None and _flag("AbnormalSession", abnormal) is not (call.status != "completed"):
        return False
    if tag is not None and _flag("HasTag", tag):
        return False
    # Nobody looks who answers a call of the twin.
    return ask.wanted("AnsweredBy") in (None, "unknown") and ask.wanted("Subaccount") in (None, ask.world.account_sid)


def _annotated(ask: Ask, call: Call) -> bool:
    said = ask.store.annotations.get(call.sid, Annotation())
    spam, score = ask.wanted("SpamAnnotation"), ask.wanted("CallScoreAnnotation")
    if spam is not None and _flag("SpamAnnotation", spam) is not said.spam:
        return False
    wanted: dict[str, Any] = {
        "AnsweredByAnnotation": said.answered_by,
        "ConnectivityIssueAnnotation": said.connectivity_issue,
    }
    if any(ask.wanted(name) not in (None, value) for name, value in wanted.items()):
        return False
    quality = ask.wanted("QualityIssueAnnotation")
    if quality is not None and quality not in said.quality_issues:
        return False
    return score is None or score == str(said.call_score)


def _flag(name: str, text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise Refused(400, 17400, f"{name} is {text!r}; give true or false")
    return text.lower() == "true"
