"""Emergency calls from a number give the same address in both Regions."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Unobserved
from voicedr.program.readiness.views.estate import NumberPair, numbers_compared

FIELDS = ("emergency_status", "emergency_address_sid")


def judge(number: NumberPair) -> Conclusion | None:
    """Pass if the standby shows emergency calling as the primary does; unknown if nobody could look.

    None where there is none.
    """
    match number.both:
        case None:
            return None
        case Unobserved(reason):
            return Conclusion(Outcome.UNKNOWN, f"its emergency calling could not be compared: {reason}")
        case fact:
            here, there = fact.value
    if not any(one.fields.get(name) for one in (here, there) for name in FIELDS):
        return None
    names = []
    if here.fields.get("emergency_status") != there.fields.get("emergency_status"):
        names.append("emergency_status")
    if bool(here.fields.get("emergency_address_sid")) != bool(there.fields.get("emergency_address_sid")):
        names.append("emergency_address_sid")
    if names:
        return Conclusion(Outcome.FAIL, f"not as in {number.primary.region}: {', '.join(names)}", fact)
    return Conclusion(Outcome.PASS, f"its emergency calling is as in {number.primary.region}", fact)


check = Check(
    title="Emergency calling of every number is in the standby as in the primary",
    why="Somebody who calls for help through the standby must be found at the right address.",
    fix="Register the emergency address of the number in {standby}, or tell people not to call for help through it.",
    source="https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource",
    severity=Severity.REACHES_NOBODY,
    over=numbers_compared,
    judge=judge,
    area=Area.NUMBERS,
    stage=Stage.CROSS_REGION,
)
