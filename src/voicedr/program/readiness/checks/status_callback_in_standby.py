"""What the application is told of calls at home it is told in the standby too."""

from voicedr.program.readiness.check import Area, Check, ClosedBy, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Observed, Unobserved
from voicedr.program.readiness.views.web_callbacks import CallbackIn, callbacks_in_standby


def judge(entry: CallbackIn) -> Conclusion | None:
    """Pass if the standby has a status callback where the primary has one; unknown if one could not be read.

    None where the primary has none.
    """
    match (entry.at_home, entry.here):
        case (Unobserved(reason), _) | (Observed(value=str()), Unobserved(reason)):
            return Conclusion(Outcome.UNKNOWN, f"its status callbacks could not be read: {reason}")
        case (Observed(value=str()), Observed(value=None) as fact):
            why = f"no status callback in {entry.region}, and the primary has one"
            return Conclusion(Outcome.FAIL, why, fact)
        case (Observed(value=str()), Observed() as fact):
            return Conclusion(Outcome.PASS, f"{entry.region} reports the ends of calls too", fact)
        case _:
            return None


check = Check(
    title="Every status callback of the primary has one beside it in the standby",
    why="The application learns by it that a call has ended. Without it, calls in the standby never end for whoever"
    " counts, bills or routes by them, and agents stay engaged.",
    fix="Set StatusCallback in {region}, through {region}'s own API host, as it is in {primary}.",
    source="https://www.twilio.com/docs/usage/webhooks/voice-webhooks",
    severity=Severity.DRIFT,
    over=callbacks_in_standby,
    judge=judge,
    area=Area.WEBHOOKS,
    stage=Stage.CROSS_REGION,
    closed_by=ClosedBy.SYNC,
)
