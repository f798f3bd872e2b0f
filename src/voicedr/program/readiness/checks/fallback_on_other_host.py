"""What kills the primary webhook's host does not kill the fallback."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Observed, Unobserved
from voicedr.program.readiness.resources import VoiceHandler
from voicedr.program.readiness.subjects import AnsweredIn, answered_in_both
from voicedr.program.readiness.urls import host_of


def judge(entry: AnsweredIn) -> Conclusion | None:
    """Pass if the two hosts differ; unknown if nobody could look, or a URL names no host. None without a fallback."""
    here = entry.region
    match entry.answered_by:
        case Unobserved(reason):
            return Conclusion(Outcome.UNKNOWN, f"its URLs in {here} could not be read: {reason}")
        case Observed(value=VoiceHandler(voice_url=str(url), voice_fallback_url=str(fallback))) as fact if fallback:
            first, second = host_of(url), host_of(fallback)
            if first is None or second is None:
                return Conclusion(Outcome.UNKNOWN, f"a URL in {here} names no host that could be compared", fact)
            if first == second:
                return Conclusion(Outcome.FAIL, f"its fallback URL in {here} is on its primary's host, {first}", fact)
            return Conclusion(Outcome.PASS, f"{first} falls back to {second} in {here}", fact)
        case Observed():
            return None


check = Check(
    title="Every fallback URL is on another host than its primary",
    why="A fallback on the host that has just failed fails with it, and the caller is cut off all the same.",
    fix="Move the fallback URL in {region} to another host, in another zone, Region or cloud.",
    source="https://www.twilio.com/docs/voice/twilio-voice-failover-best-practices",
    severity=Severity.ONE_FAILURE_AWAY,
    over=answered_in_both,
    judge=judge,
    area=Area.WEBHOOKS,
    stage=Stage.IN_REGION,
)
