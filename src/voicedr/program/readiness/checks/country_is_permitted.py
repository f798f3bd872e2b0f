"""The standby may call every country that the flow calls."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Unobserved
from voicedr.program.readiness.said import Unsaid
from voicedr.program.readiness.views.capacity import Country, countries


def judge(country: Country) -> Conclusion:
    """Pass if its ordinary numbers may be called; unknown if nobody could look, or nobody says which countries."""
    if isinstance(country.said, Unsaid):
        return Conclusion(Outcome.UNKNOWN, country.said.reason)
    match country.there:
        case Unobserved(reason):
            return Conclusion(Outcome.UNKNOWN, f"the dialing permissions of {country.region} were not read: {reason}")
        case fact if fact.value is None:
            return Conclusion(Outcome.FAIL, f"{country.region} does not know this country", fact)
        case fact:
            allowed = fact.value.fields.get("low_risk_numbers_enabled")
    if allowed is not True:
        return Conclusion(Outcome.FAIL, f"{country.region} may not call it", fact)
    return Conclusion(Outcome.PASS, f"{country.region} may call its ordinary numbers", fact)


check = Check(
    title="Every country that the flow calls may be called from the standby",
    why="A call to a country that is not permitted is refused. Whether permissions of one Region count in another is"
    " not documented, so they are read there.",
    fix="Permit the country in {standby} (Voice geographic permissions), then check again.",
    source="https://www.twilio.com/docs/voice/api/dialing-permissions-resources",
    severity=Severity.REACHES_NOBODY,
    over=countries,
    judge=judge,
    area=Area.CAPACITY,
    stage=Stage.CROSS_REGION,
)
