"""A termination name leads to several addresses, as the provider publishes it."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Observed, Unobserved
from voicedr.program.readiness.views.sip import Termination, terminations

ADDRESSES_MIN = 2
"""The provider gives three or four. Fewer than two is a name service that hides some."""


def judge(name: Termination) -> Conclusion:
    """Pass with at least two; unknown if nobody could ask."""
    match name.answers:
        case Unobserved(reason):
            return Conclusion(Outcome.UNKNOWN, f"its addresses are not known: {reason}")
        case Observed(value=answers) as fact:
            count = len({one.address for one in answers})
            if count < ADDRESSES_MIN:
                return Conclusion(Outcome.FAIL, f"this name service gives {count} addresses for it", fact)
            return Conclusion(Outcome.PASS, f"{count} addresses", fact)


check = Check(
    title="Every termination name has at least two addresses as seen from here",
    why="With one address there is no next one to try. A resolver that gives one of several takes the redundancy away.",
    fix="Look at the name service of the SBCs: voicedr sip resolve. It has to give all A records.",
    source="https://www.twilio.com/docs/voice/twilio-voice-failover-best-practices",
    severity=Severity.ONE_FAILURE_AWAY,
    over=terminations,
    judge=judge,
    area=Area.SIP,
    stage=Stage.IN_REGION,
)
