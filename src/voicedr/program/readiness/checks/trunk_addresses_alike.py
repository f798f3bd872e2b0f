"""A trunk lets the same addresses in in both Regions."""

from voicedr.program.readiness.check import Area, Check, ClosedBy, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Unobserved
from voicedr.program.readiness.views.sip_access import DoorPair, lists_apart, trunk_pairs


def judge(pair: DoorPair) -> Conclusion | None:
    """Pass if names and members are the same; unknown if nobody could look. None where a Region has no such thing."""
    both = pair.both("addresses")
    match both:
        case None:
            return None
        case Unobserved(reason):
            return Conclusion(Outcome.UNKNOWN, f"its access control lists could not be compared: {reason}")
        case (here, there):
            if not here.value and not there.value:
                return None
            if (apart := lists_apart(here.value, there.value)) is not None:
                return Conclusion(Outcome.FAIL, apart, here)
            return Conclusion(Outcome.PASS, f"{', '.join(sorted(there.value))}: the same in both", here)


check = Check(
    title="Every trunk lets the same addresses in in both Regions",
    why="An SBC whose address is missing in the standby gets no call out once the trunk has moved.",
    fix="Let the same in at {standby} as at {primary}: voicedr sync plan {flow}.",
    source="https://www.twilio.com/docs/sip-trunking/api/ipaccesscontrollist-resource",
    severity=Severity.REACHES_NOBODY,
    over=trunk_pairs,
    judge=judge,
    area=Area.SIP,
    stage=Stage.CROSS_REGION,
    closed_by=ClosedBy.SYNC,
)
