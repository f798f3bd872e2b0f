"""A TwiML App does in the standby what it does in the primary."""

from voicedr.program.readiness.check import Area, Check, ClosedBy, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Unobserved
from voicedr.program.readiness.views.estate import Pair, applications_compared, differing


def judge(pair: Pair) -> Conclusion | None:
    """Pass if no field differs by the rule; unknown if nobody could look. None unless the standby has exactly one."""
    match pair.here, pair.there:
        case (Unobserved(reason), _) | (_, Unobserved(reason)):
            return Conclusion(Outcome.UNKNOWN, f"the TwiML Apps could not be compared: {reason}")
        case here, there:
            if len(here.value) != 1:
                return None
            names = differing(here.value[0], there.value, "")
    if names:
        return Conclusion(Outcome.FAIL, f"not as in the primary: {', '.join(names)}", here)
    return Conclusion(Outcome.PASS, "every field is as in the primary", here)


check = Check(
    title="Every TwiML App is configured in the standby as in the primary",
    why="An App of the right name with an old setting answers calls in the old way.",
    fix="Set the fields that differ in {standby} as in {primary}: voicedr sync plan {flow}.",
    source="https://www.twilio.com/docs/usage/api/applications",
    severity=Severity.CUT_OFF,
    over=applications_compared,
    judge=judge,
    area=Area.NUMBERS,
    stage=Stage.CROSS_REGION,
    closed_by=ClosedBy.SYNC,
)
