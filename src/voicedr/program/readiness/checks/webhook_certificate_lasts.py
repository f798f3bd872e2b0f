"""No certificate ends while nobody looks."""

from datetime import datetime

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Observed, Unobserved
from voicedr.program.readiness.outside.web import CertificateSeen
from voicedr.program.readiness.views.web import WebHost, secure_hosts

DAYS_MIN = 21
"""Renewal by machine happens about 30 days before the end (https://letsencrypt.org/docs/integration-guide/). Three
weeks: it has failed for more than a week, and there is time to do it by hand. A rule of ours."""


def judge(host: WebHost) -> Conclusion:
    """Pass if it lasts long enough from when it was seen; unknown if its end was not seen."""
    match host.certificate:
        case Unobserved(reason):
            return Conclusion(Outcome.UNKNOWN, f"its certificate was not seen: {reason}")
        case Observed(value=CertificateSeen(until=datetime() as until), at=at) as fact:
            left = (until - at).days
            if until <= at:
                return Conclusion(Outcome.FAIL, f"its certificate ended on {until:%Y-%m-%d}", fact)
            if left < DAYS_MIN:
                return Conclusion(Outcome.FAIL, f"its certificate ends on {until:%Y-%m-%d}, in {left} days", fact)
            return Conclusion(Outcome.PASS, f"its certificate lasts until {until:%Y-%m-%d}", fact)
        case Observed() as fact:
            return Conclusion(Outcome.UNKNOWN, "it showed no certificate whose end could be read", fact)


check = Check(
    title=f"Every webhook host's certificate lasts at least {DAYS_MIN} more days",
    why="From the moment it ends every request to the host fails with 11236, on the primary and on the fallback alike"
    " if both were renewed on the same day.",
    fix="Renew the certificate now, and find out why the renewal that should have happened did not.",
    source="https://www.twilio.com/docs/api/errors/11236",
    severity=Severity.ONE_FAILURE_AWAY,
    over=secure_hosts,
    judge=judge,
    area=Area.WEBHOOKS,
    stage=Stage.IN_REGION,
)
