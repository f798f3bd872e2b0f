"""The standby holds as many calls as the busy hour has."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.said import Unsaid
from voicedr.program.readiness.views.capacity import Figures, calls_at_once


def judge(one: Figures) -> Conclusion:
    """Pass if as many were declared for the standby as are needed; unknown if nobody says one of the two."""
    if isinstance(one.need, Unsaid):
        return Conclusion(Outcome.UNKNOWN, one.need.reason)
    if isinstance(one.capacity, Unsaid):
        return Conclusion(Outcome.UNKNOWN, one.capacity.reason)
    if one.needed is None or one.here is None:
        what = "what is needed" if one.needed is None else f"what {one.region} has"
        return Conclusion(Outcome.UNKNOWN, f"nobody has declared {what}")
    words = f"{one.region} has {one.here:g}, the busy hour needs {one.needed:g}"
    return Conclusion(Outcome.PASS if one.here >= one.needed else Outcome.FAIL, words, said=one.capacity)


check = Check(
    title="The standby may hold as many calls at once as the busy hour needs",
    why="Calls beyond the limit are refused, and those are the ones of the busy hour.",
    fix="Ask the provider to raise concurrent calls for {standby} now, and declare them under capacity.",
    source="https://www.twilio.com/docs/api/errors/10004",
    severity=Severity.REACHES_NOBODY,
    over=calls_at_once,
    judge=judge,
    area=Area.CAPACITY,
    stage=Stage.CROSS_REGION,
)
