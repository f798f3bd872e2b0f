"""A number takes calls and not faxes."""

from voicedr.program.readiness.check import Area, Check, ClosedBy, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Unobserved
from voicedr.program.readiness.views.estate import NumberPair, numbers_compared


def judge(number: NumberPair) -> Conclusion | None:
    """Pass if the standby receives voice; unknown if nobody could look. None where it has no such number."""
    match number.here:
        case Unobserved(reason):
            return Conclusion(Outcome.UNKNOWN, f"its receive mode in {number.region} could not be read: {reason}")
        case fact if fact.value is None:
            return None
        case fact:
            mode = fact.value.fields.get("voice_receive_mode") or "voice"
    if mode != "voice":
        return Conclusion(Outcome.FAIL, f"voice_receive_mode is {mode} in {number.region}", fact)
    return Conclusion(Outcome.PASS, f"it receives voice in {number.region}", fact)


check = Check(
    title="Every number receives voice in the standby",
    why="In fax mode a call is taken as a fax, and the caller hears a whistle.",
    fix="Set VoiceReceiveMode of the number in {region} to voice.",
    source="https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource",
    severity=Severity.REACHES_NOBODY,
    over=numbers_compared,
    judge=judge,
    area=Area.NUMBERS,
    stage=Stage.CROSS_REGION,
    closed_by=ClosedBy.SYNC,
)
