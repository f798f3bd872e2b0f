"""The SBC behind every origination URI is alive."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Observed, Unobserved
from voicedr.program.readiness.views.sip import Origination, originations


def judge(uri: Origination) -> Conclusion:
    """Pass if an address behind it answers OPTIONS, whatever it says; unknown if nobody could ask."""
    match uri.answers:
        case Unobserved(reason):
            return Conclusion(Outcome.UNKNOWN, f"nobody knows whether its SBC answers: {reason}")
        case Observed(value=answers) as fact:
            alive = [one for one in answers if one.problem is None]
            if not alive:
                why = answers[0].problem if answers else "its name has no address"
                return Conclusion(Outcome.FAIL, f"0 of {len(answers)} addresses answer: {why}", fact)
            return Conclusion(Outcome.PASS, f"{len(alive)} of {len(answers)} addresses answer", fact)


check = Check(
    title="An SBC answers behind every origination URI that takes calls",
    why="A URI whose SBC is silent costs every call 4 s before the next one is tried; as the last one it costs the"
    " call.",
    fix="Start what should answer at this URI, or disable the URI in {region} until it does.",
    source="https://www.twilio.com/docs/sip-trunking",
    severity=Severity.LATE,
    over=originations,
    judge=judge,
    area=Area.SIP,
    stage=Stage.IN_REGION,
)
