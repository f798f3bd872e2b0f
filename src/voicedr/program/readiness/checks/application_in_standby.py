"""Every TwiML App that a number of the flow uses is in the standby, once."""

from voicedr.program.readiness.check import Area, Check, ClosedBy, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Unobserved
from voicedr.program.readiness.views.estate import Pair, applications_compared


def judge(pair: Pair) -> Conclusion:
    """Pass if exactly one in the standby has its name; unknown if nobody could look."""
    match pair.there, pair.here:
        case (Unobserved(reason), _) | (_, Unobserved(reason)):
            return Conclusion(Outcome.UNKNOWN, f"the TwiML Apps could not be compared: {reason}")
        case _, here:
            pass
    if not here.value:
        return Conclusion(Outcome.FAIL, f"{pair.region} has no TwiML App of this name", here)
    if len(here.value) > 1:
        why = f"{pair.region} has {len(here.value)} TwiML Apps of this name: nobody can tell which one is meant"
        return Conclusion(Outcome.FAIL, why, here)
    return Conclusion(Outcome.PASS, f"{pair.region} has one TwiML App of this name", here)


check = Check(
    title="Every TwiML App that answers a number exists in the standby under the same name, once",
    why="TwiML Apps belong to one Region; their name is all that the two have in common. Without its twin a number has"
    " nobody to answer it.",
    fix="Make the TwiML App in {standby} under the same friendly name, or rename the spare one: voicedr sync plan"
    " {flow}.",
    source="https://www.twilio.com/docs/usage/api/applications",
    severity=Severity.REACHES_NOBODY,
    over=applications_compared,
    judge=judge,
    area=Area.NUMBERS,
    stage=Stage.CROSS_REGION,
    closed_by=ClosedBy.SYNC,
)
