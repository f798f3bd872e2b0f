"""What the flow shows as its number may be shown in the standby."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Observed, Unobserved
from voicedr.program.readiness.said import Unsaid
from voicedr.program.readiness.views.capacity import CallerId, caller_ids


def judge(caller: CallerId) -> Conclusion:
    """Pass if it is a number of the account, or verified in a Region that knows that; unknown if nobody could look."""
    if isinstance(caller.said, Unsaid):
        return Conclusion(Outcome.UNKNOWN, caller.said.reason)
    for fact, how in ((caller.is_owned, "a number of the account"), (caller.is_verified, "verified")):
        if isinstance(fact, Observed) and fact.value:
            return Conclusion(Outcome.PASS, f"it is {how} in {caller.region}", fact)
    for fact in (caller.is_owned, caller.is_verified):
        if isinstance(fact, Unobserved):
            return Conclusion(Outcome.UNKNOWN, f"whether it may be shown was not seen: {fact.reason}")
    seen = caller.is_owned
    why = f"it is no number of the account, and {caller.region} takes no other"
    return Conclusion(Outcome.FAIL, why, seen if isinstance(seen, Observed) else None)


check = Check(
    title="Every caller ID that the flow shows is a number that the standby accepts",
    why="Verified caller IDs exist in us1 only. In ie1 and au1 an outbound call with one of them is refused.",
    fix="Show a number of the account on {standby}'s outbound calls, or port this one.",
    source="https://www.twilio.com/docs/global-infrastructure/regional-product-and-feature-availability",
    severity=Severity.REACHES_NOBODY,
    over=caller_ids,
    judge=judge,
    area=Area.CAPACITY,
    stage=Stage.CROSS_REGION,
)
