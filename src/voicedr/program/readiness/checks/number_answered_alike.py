"""A number is answered by the same thing in both Regions."""

from voicedr.program.readiness.check import Area, Check, ClosedBy, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Unobserved
from voicedr.program.readiness.views.estate import NumberPair, answered_by, numbers_compared


def judge(number: NumberPair) -> Conclusion | None:
    """Pass if trunk, TwiML App or URL answers in both; unknown if nobody could look. None where nobody answers."""
    match number.both:
        case None:
            return None
        case Unobserved(reason):
            return Conclusion(Outcome.UNKNOWN, f"what answers it could not be compared: {reason}")
        case fact:
            here, there = answered_by(number.standby, fact.value[0]), answered_by(number.primary, fact.value[1])
    if isinstance(here, Unobserved) or isinstance(there, Unobserved):
        reason = here.reason if isinstance(here, Unobserved) else there.reason if isinstance(there, Unobserved) else ""
        return Conclusion(Outcome.UNKNOWN, f"what answers it could not be compared: {reason}")
    if here.value is None or there.value is None:
        return None
    if here.value != there.value:
        why = f"{here.value} answers it in {number.region}, and {there.value} in {number.primary.region}"
        return Conclusion(Outcome.FAIL, why, here)
    return Conclusion(Outcome.PASS, f"{here.value} answers it in both Regions", here)


check = Check(
    title="Every number is answered by the same trunk, TwiML App or kind of URL in both Regions",
    why="A number that a TwiML App answers at home and an old URL answers in the standby brings its callers somewhere"
    " that nobody has looked after.",
    fix="Let the same thing answer the number in {standby} as in {primary}: voicedr sync plan {flow}.",
    source="https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource",
    severity=Severity.CUT_OFF,
    over=numbers_compared,
    judge=judge,
    area=Area.NUMBERS,
    stage=Stage.CROSS_REGION,
    closed_by=ClosedBy.SYNC,
)
