"""A number or a SIP domain whose primary webhook dies still gets TwiML from somewhere."""

from voicedr.program.readiness.check import Area, Check, ClosedBy, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Observed, Unobserved
from voicedr.program.readiness.resources import VoiceHandler
from voicedr.program.readiness.subjects import AnsweredIn, answered_in_both
from voicedr.program.readiness.urls import shown


def judge(entry: AnsweredIn) -> Conclusion | None:
    """Pass if what answers it has a fallback URL; unknown if nobody could look.

    None where a trunk answers (it has a disaster-recovery URL instead) and where nobody does.
    """
    match entry.answered_by:
        case Unobserved(reason):
            return Conclusion(Outcome.UNKNOWN, f"its fallback URL in {entry.region} could not be read: {reason}")
        case Observed(value=VoiceHandler(voice_fallback_url=url)) as fact:
            if not url:
                return Conclusion(Outcome.FAIL, f"no fallback URL is set in {entry.region}", fact)
            return Conclusion(Outcome.PASS, f"falls back to {shown(url)} in {entry.region}", fact)
        case Observed():
            return None


check = Check(
    title="Every number and SIP domain in scope has a fallback URL",
    why="When the primary webhook stops answering, the caller hears an error and is cut off.",
    fix="Set VoiceFallbackUrl in {region}, on what answers (number, application or SIP domain), to a host that shares"
    " nothing with the primary.",
    source="https://www.twilio.com/docs/usage/security/availability-reliability",
    severity=Severity.ONE_FAILURE_AWAY,
    over=answered_in_both,
    judge=judge,
    area=Area.WEBHOOKS,
    stage=Stage.IN_REGION,
    closed_by=ClosedBy.SYNC,
)
