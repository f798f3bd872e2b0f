"""Behind an origination URI, no address is dead weight."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Observed, Unobserved
from voicedr.program.readiness.views.sip import Origination, originations


def judge(uri: Origination) -> Conclusion | None:
    """Pass if all addresses answer; unknown if nobody could ask. None where none does: another check has that."""
    match uri.answers:
        case Unobserved(reason):
            return Conclusion(Outcome.UNKNOWN, f"nobody knows which of its addresses answer: {reason}")
        case Observed(value=answers) as fact:
            dead = [one for one in answers if one.problem is not None]
            if len(dead) == len(answers):
                return None
            if dead:
                told = "; ".join(f"{one.target} {one.problem}" for one in dead)
                return Conclusion(Outcome.FAIL, f"{len(dead)} of {len(answers)} addresses do not: {told}", fact)
            return Conclusion(Outcome.PASS, f"all {len(answers)} addresses answer", fact)


check = Check(
    title="Every address behind an origination URI answers",
    why="Which of a name's addresses the provider takes is not documented. Calls that come to the dead one wait 4 s.",
    fix="Repair what is behind the silent address, or take the address out of the name.",
    source="https://www.twilio.com/docs/sip-trunking",
    severity=Severity.ONE_FAILURE_AWAY,
    over=originations,
    judge=judge,
    area=Area.SIP,
    stage=Stage.IN_REGION,
)
