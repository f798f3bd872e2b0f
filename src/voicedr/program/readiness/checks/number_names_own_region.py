"""What a number refers to in the standby is something of the standby."""

from voicedr.program.readiness.check import Area, Check, ClosedBy, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Observed, Unobserved
from voicedr.program.readiness.views.estate import NumberPair, numbers_compared

FIELDS = ("trunk_sid", "voice_application_sid", "sms_application_sid")


def judge(number: NumberPair) -> Conclusion | None:
    """Pass if all it names exists there; unknown if nobody could look. None where it names nothing."""
    if isinstance(number.here, Unobserved):
        return Conclusion(Outcome.UNKNOWN, f"what it names in {number.region} could not be read: {number.here.reason}")
    if number.here.value is None:
        return None
    here = number.here.value
    named = {field: found for field in FIELDS if (found := number.standby.named_by(here, field)) is not None}
    for field, found in named.items():
        if isinstance(found, Observed) and found.value is None:
            there = number.primary.named_by(here, field)
            of_primary = isinstance(there, Observed) and there.value is not None
            whose = f"{number.primary.region} has" if of_primary else f"{number.region} does not have"
            return Conclusion(Outcome.FAIL, f"its {field} in {number.region} names one that {whose}", found)
    if unread := next((found for found in named.values() if isinstance(found, Unobserved)), None):
        return Conclusion(Outcome.UNKNOWN, f"what it names in {number.region} could not be read: {unread.reason}")
    if not named:
        return None
    return Conclusion(Outcome.PASS, f"{' and '.join(named)} name something of {number.region}", number.here)


check = Check(
    title="Every application and trunk that a number names in the standby exists in the standby",
    why="SIDs belong to one Region. A number that was copied with the primary's SIDs names nothing in the standby, and"
    " its callers are refused.",
    fix="Put the SID of {standby}'s own application or trunk there: voicedr sync plan {flow}.",
    source="https://www.twilio.com/docs/global-infrastructure/localized-uris/regional-migration-best-practices",
    severity=Severity.REACHES_NOBODY,
    over=numbers_compared,
    judge=judge,
    area=Area.NUMBERS,
    stage=Stage.CROSS_REGION,
    closed_by=ClosedBy.SYNC,
)
