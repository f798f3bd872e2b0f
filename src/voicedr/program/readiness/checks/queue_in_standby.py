"""A queue is as long in the standby as in the primary."""

from voicedr.program.readiness.check import Area, Check, ClosedBy, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Unobserved
from voicedr.program.readiness.views.estate import Pair, queues_compared


def judge(pair: Pair) -> Conclusion:
    """Pass if the standby has one of its name and size; unknown if nobody could look."""
    match pair.here, pair.there:
        case (Unobserved(reason), _) | (_, Unobserved(reason)):
            return Conclusion(Outcome.UNKNOWN, f"the queues could not be compared: {reason}")
        case here, there:
            wanted = there.value.fields.get("max_size")
    if not here.value:
        why = f"{pair.region} has no queue of this name: the first caller makes one, of the default size"
        return Conclusion(Outcome.FAIL, why, here)
    size = here.value[0].fields.get("max_size")
    if size != wanted:
        return Conclusion(Outcome.FAIL, f"it takes {size} callers in {pair.region}, and {wanted} in the primary", here)
    return Conclusion(Outcome.PASS, f"it takes {size} callers in both Regions", here)


check = Check(
    title="Every queue of the primary exists in the standby with the same size",
    why="When a queue is full, the next caller is told so and leaves. A smaller queue in the standby is full sooner.",
    fix="Make the queue in {standby} with the size that it has in {primary}: voicedr sync plan {flow}.",
    source="https://www.twilio.com/docs/voice/api/queue-resource",
    severity=Severity.DRIFT,
    over=queues_compared,
    judge=judge,
    area=Area.CAPACITY,
    stage=Stage.CROSS_REGION,
    closed_by=ClosedBy.SYNC,
)
