"""A number that URLs answer is asked for in the same way in both Regions."""

from voicedr.program.readiness.check import Area, Check, ClosedBy, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Unobserved
from voicedr.program.readiness.views.estate import NumberPair, differing, numbers_compared

FIELDS = ("voice_method", "voice_fallback_method", "status_callback_method", "voice_caller_id_lookup")


def judge(number: NumberPair) -> Conclusion | None:
    """Pass if way of asking is the same by the rule; unknown if nobody could look. None where
    a trunk or an application answers: their settings count, and the number's do not."""
    match number.both:
        case None:
            return None
        case Unobserved(reason):
            return Conclusion(Outcome.UNKNOWN, f"its way of asking could not be compared: {reason}")
        case fact:
            here, there = fact.value
    if any(there.fields.get(name) for name in ("trunk_sid", "voice_application_sid")):
        return None
    if not there.fields.get("voice_url"):
        return None
    if names := differing(here, there, *FIELDS):
        return Conclusion(Outcome.FAIL, f"not as in {number.primary.region}: {', '.join(names)}", fact)
    return Conclusion(Outcome.PASS, f"its way of asking is as in {number.primary.region}", fact)


check = Check(
    title="Methods and caller lookup of every number are as in the primary",
    why="A webhook that is asked with another method than it knows answers with an error, and the caller is cut off.",
    fix="Set the fields that differ in {standby} as in {primary}: voicedr sync plan {flow}.",
    source="https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource",
    severity=Severity.CUT_OFF,
    over=numbers_compared,
    judge=judge,
    area=Area.NUMBERS,
    stage=Stage.CROSS_REGION,
    closed_by=ClosedBy.SYNC,
)
