"""Every address behind a termination name takes SIP from here."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Observed, Unobserved
from voicedr.program.readiness.views.sip import Termination, terminations


def judge(name: Termination) -> Conclusion:
    """Pass if all its addresses answer; unknown if nobody could ask."""
    match name.answers:
        case Unobserved(reason):
            return Conclusion(Outcome.UNKNOWN, f"its addresses have not been tried: {reason}")
        case Observed(value=answers) as fact:
            dead = [one for one in answers if one.problem is not None]
            if dead or not answers:
                why = f"{dead[0].target} {dead[0].problem}" if dead else "the name has no address"
                return Conclusion(Outcome.FAIL, f"{len(dead)} of {len(answers)} addresses do not answer: {why}", fact)
            slowest = max(one.seconds for one in answers)
            return Conclusion(
                Outcome.PASS, f"all {len(answers)} addresses answer, the slowest in {slowest:.2f} s", fact
            )


check = Check(
    title="Every address of the termination names at two edges of each Region answers from here",
    why="An address that cannot be reached from the SBCs costs each call that tries it 4 s. Often it is a firewall.",
    fix="Look at the way out to that address: the firewall, the provider, the name service. voicedr sip probe tries"
    " again.",
    source="https://www.twilio.com/docs/voice/twilio-voice-failover-best-practices",
    severity=Severity.ONE_FAILURE_AWAY,
    over=terminations,
    judge=judge,
    area=Area.SIP,
    stage=Stage.ISOLATION,
)
