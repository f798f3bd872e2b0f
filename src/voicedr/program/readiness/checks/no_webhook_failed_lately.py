"""The provider has not had trouble with the flow's primary URLs in the last day."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Severity, Stage
from voicedr.program.readiness.views.web_alerts import AlertsIn, alerts_in_both, said_of


def judge(feed: AlertsIn) -> Conclusion:
    """Pass if the feed has no error on them; unknown if it could not be read, or not to its end."""
    return said_of(feed, feed.primaries, "primary URLs", "calls went to the fallback")


check = Check(
    title="No primary URL of the flow is in the provider's alerts of the last day",
    why="Each of these is a call that the fallback had to take. It looks completed in the call log, so that nobody"
    " notices"
    " until the fallback fails too.",
    fix="Look the codes up (https://www.twilio.com/docs/api/errors) and repair what answers these URLs.",
    source="https://www.twilio.com/docs/usage/monitor-alert",
    severity=Severity.ONE_FAILURE_AWAY,
    over=alerts_in_both,
    judge=judge,
    area=Area.WEBHOOKS,
    stage=Stage.IN_REGION,
)
