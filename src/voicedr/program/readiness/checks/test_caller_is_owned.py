"""Test calls can be placed in the standby."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Unobserved
from voicedr.program.readiness.views.capacity import CallerId, the_test_caller


def judge(caller: CallerId) -> Conclusion:
    """Pass if the account has it, seen through the standby; unknown if nobody could look."""
    match caller.is_owned:
        case Unobserved(reason):
            return Conclusion(Outcome.UNKNOWN, f"whether the account has it was not seen: {reason}")
        case fact if not fact.value:
            return Conclusion(Outcome.FAIL, f"{caller.region} shows no such number in this account", fact)
        case fact:
            return Conclusion(Outcome.PASS, f"{caller.region} shows it as a number of this account", fact)


check = Check(
    title="The number that test calls come from belongs to the account",
    why="Arrival in the standby is proved by test calls. With a caller number that is not ours, none can be placed.",
    fix="Name a number of the account as test_caller of {flow}.",
    source="https://www.twilio.com/docs/global-infrastructure/regional-product-and-feature-availability",
    severity=Severity.LATE,
    over=the_test_caller,
    judge=judge,
    area=Area.CAPACITY,
    stage=Stage.CROSS_REGION,
)
