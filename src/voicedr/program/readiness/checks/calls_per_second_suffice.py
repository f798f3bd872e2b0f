"""The standby takes calls as fast as the busy hour makes them."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.said import Unsaid
from voicedr.program.readiness.views.capacity import Figures, calls_per_second


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
    title="The standby may make as many calls a second as the busy hour needs",
    why="Calls beyond the limit wait in a queue. It is set in us1 only, so on the day of a us1 outage nobody can"
    " raise it.",
    fix="Have calls per second raised in us1 now, for both Regions, and declare them under capacity.",
    source="https://www.twilio.com/docs/voice/programmable-voice-product-behavior-changes-in-non-us1-home-regions",
    severity=Severity.LATE,
    over=calls_per_second,
    judge=judge,
    area=Area.CAPACITY,
    stage=Stage.CROSS_REGION,
)
