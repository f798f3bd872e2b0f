"""Somebody is there to be told how calls end."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Observed, Unobserved
from voicedr.program.readiness.outside.web import Reached
from voicedr.program.readiness.views.web import WebUrl, status_callbacks


def judge(url: WebUrl) -> Conclusion:
    """Pass if its host answered HEAD at all; unknown if it was not asked."""
    match url.reached:
        case Unobserved(reason):
            return Conclusion(Outcome.UNKNOWN, f"nobody knows whether the status callback is answered: {reason}")
        case Observed(value=Reached(problem=str(problem))) as fact:
            return Conclusion(Outcome.FAIL, f"the status callback {problem}", fact)
        case Observed() as fact:
            return Conclusion(Outcome.PASS, "its host answers", fact)


check = Check(
    title="Every status callback's host answers",
    why="A status callback has no fallback and is not repeated beyond its connection. What is sent while nobody answers"
    " is lost: calls that never end for whoever counts them.",
    fix="Repair what answers this URL, or take it out of the configuration in {region}.",
    source="https://www.twilio.com/docs/api/errors/15003",
    severity=Severity.DRIFT,
    over=status_callbacks,
    judge=judge,
    area=Area.WEBHOOKS,
    stage=Stage.IN_REGION,
)
