"""The two Regions have nothing secret in common."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Unobserved
from voicedr.program.readiness.views.credentials import CredentialsIn, the_standbys_credentials

NEEDED = ("api_key", "api_secret")


def judge(one: CredentialsIn) -> Conclusion:
    """Pass if key and secret could be had and none is the other Region's; unknown if they could not be compared."""
    match one.standing:
        case Unobserved(reason):
            return Conclusion(Outcome.UNKNOWN, f"the references of {one.region} could not be compared: {reason}")
        case fact:
            shared = fact.value.same_as.get(one.other, ())
    if shared:
        return Conclusion(Outcome.FAIL, f"the same value as in {one.other}: {', '.join(shared)}", fact)
    if lacking := [name for name in NEEDED if name not in fact.value.had]:
        why = f"{lacking[0]} could not be compared: {fact.value.missing.get(lacking[0], 'it was not had')}"
        return Conclusion(Outcome.UNKNOWN, why)
    return Conclusion(Outcome.PASS, f"no value is the one of {one.other}", fact)


check = Check(
    title="Keys, secrets and tokens of the two Regions are different",
    why="Keys belong to one Region and are refused in every other. The primary's key in the standby's place is found"
    " out when nothing can be moved any more.",
    fix="Make a key in {standby} and point the workbook's references of {standby} at it.",
    source="https://www.twilio.com/docs/global-infrastructure/manage-regional-api-credentials",
    severity=Severity.CANNOT_MOVE,
    over=the_standbys_credentials,
    judge=judge,
    area=Area.CREDENTIALS,
    stage=Stage.ISOLATION,
)
