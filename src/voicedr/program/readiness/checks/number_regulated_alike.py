"""What the regulator wants of a number is there in both Regions."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Unobserved
from voicedr.program.readiness.views.estate import NumberPair, numbers_compared

FIELDS = ("bundle_sid", "address_sid")


def judge(number: NumberPair) -> Conclusion | None:
    """Pass if the standby shows regulatory attachment as the primary does; unknown if nobody could look.

    None where there is none.
    """
    match number.both:
        case None:
            return None
        case Unobserved(reason):
            return Conclusion(Outcome.UNKNOWN, f"its regulatory attachment could not be compared: {reason}")
        case fact:
            here, there = fact.value
    if not any(one.fields.get(name) for one in (here, there) for name in FIELDS):
        return None
    names = [name for name in FIELDS if there.fields.get(name) and not here.fields.get(name)]
    if names:
        return Conclusion(Outcome.FAIL, f"not as in {number.primary.region}: {', '.join(names)}", fact)
    return Conclusion(Outcome.PASS, f"its regulatory attachment is as in {number.primary.region}", fact)


check = Check(
    title="Every number has its regulatory bundle and address in the standby as in the primary",
    why="A number that its country's rules tie to a bundle or an address may be taken away where they are missing.",
    fix="Ask the provider's support why {standby} does not show the bundle or address, and attach it there.",
    source="https://www.twilio.com/docs/phone-numbers/regulatory",
    severity=Severity.DRIFT,
    over=numbers_compared,
    judge=judge,
    area=Area.NUMBERS,
    stage=Stage.CROSS_REGION,
)
