"""When every SBC of the first group is dead, there is a second group."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Observed, Unobserved
from voicedr.program.readiness.views.sip import Groups, grouped


def judge(trunk: Groups) -> Conclusion:
    """Pass if enabled URIs have at least two priorities; unknown if nobody could look."""
    match trunk.groups:
        case Unobserved(reason):
            return Conclusion(Outcome.UNKNOWN, f"its origination URIs could not be read: {reason}")
        case Observed(value=groups) as fact:
            told = ", ".join(f"{len(group)} at priority {group[0].priority}" for group in groups) or "none takes calls"
            if len(groups) < 2:
                return Conclusion(Outcome.FAIL, f"there is no second group of SBCs ({told})", fact)
            return Conclusion(Outcome.PASS, f"a second group follows ({told})", fact)


check = Check(
    title="Every trunk has a second group of SBCs, by priority",
    why="SBCs of one priority share the load in one place. When that place fails, calls need a group that comes after"
    " it.",
    fix="Add an origination URI in {region} with a higher priority number, for an SBC in another region.",
    source="https://www.twilio.com/docs/voice/twilio-voice-failover-best-practices",
    severity=Severity.ONE_FAILURE_AWAY,
    over=grouped,
    judge=judge,
    area=Area.SIP,
    stage=Stage.IN_REGION,
)
