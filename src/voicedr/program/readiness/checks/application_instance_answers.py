"""Every instance that the application is said to have is there now."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Observed, Unobserved
from voicedr.program.readiness.outside.web import Reached
from voicedr.program.readiness.said import Unsaid
from voicedr.program.readiness.views.web_application import Instance, instances


def judge(instance: Instance) -> Conclusion:
    """Pass if its health URL answered well; unknown if nobody declared any, or it was not asked."""
    if isinstance(instance.said, Unsaid):
        return Conclusion(Outcome.UNKNOWN, instance.said.reason)
    match instance.reached:
        case Unobserved(reason):
            return Conclusion(Outcome.UNKNOWN, f"whether it is alive is not known: {reason}", None, instance.said)
        case Observed(value=Reached(problem=str(problem))) as fact:
            return Conclusion(Outcome.FAIL, f"it {problem}", fact, instance.said)
        case Observed() as fact:
            return Conclusion(Outcome.PASS, "alive", fact, instance.said)


check = Check(
    title="Every declared instance of the application answers at its health URL",
    why="Redundancy that has already been used up is not redundancy: the next failure is the last one.",
    fix="Bring the instance back, or take it out of application-instances if it is gone for good.",
    source="https://www.twilio.com/docs/voice/twilio-voice-failover-best-practices",
    severity=Severity.ONE_FAILURE_AWAY,
    over=instances,
    judge=judge,
    area=Area.APPLICATION,
    stage=Stage.IN_REGION,
)
