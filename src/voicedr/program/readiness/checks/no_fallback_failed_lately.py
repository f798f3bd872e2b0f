"""No caller has heard the provider's error message in the last day."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Severity, Stage
from voicedr.program.readiness.views.web_alerts import AlertsIn, alerts_in_both, said_of


def judge(feed: AlertsIn) -> Conclusion:
    """Pass if the feed has no error on a fallback or disaster-recovery URL; unknown if it could not be read whole."""
    return said_of(feed, feed.last_resorts, "fallbacks", "after a fallback there is only the provider's error message")


check = Check(
    title="No fallback of the flow is in the provider's alerts of the last day",
    why="A fallback is asked only when the primary has failed. When it fails too, an error is logged, a recorded"
    " message"
    " is played, and the caller is cut off.",
    fix="Look the codes up (https://www.twilio.com/docs/api/errors) and repair the fallback before anything else.",
    source="https://www.twilio.com/docs/voice/twilio-voice-failover-best-practices",
    severity=Severity.CUT_OFF,
    over=alerts_in_both,
    judge=judge,
    area=Area.WEBHOOKS,
    stage=Stage.IN_REGION,
)
