"""A SIP domain knows the same users in both Regions."""

from voicedr.program.readiness.check import Area, Check, ClosedBy, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Unobserved
from voicedr.program.readiness.views.sip_access import DoorPair, domain_pairs, lists_apart


def judge(pair: DoorPair) -> Conclusion | None:
    """Pass if names and members are the same; unknown if nobody could look. None where a Region has no such thing."""
    both = pair.both("users")
    match both:
        case None:
            return None
        case Unobserved(reason):
            return Conclusion(Outcome.UNKNOWN, f"its credential lists could not be compared: {reason}")
        case (here, there):
            if not here.value and not there.value:
                return None
            if (apart := lists_apart(here.value, there.value)) is not None:
                return Conclusion(Outcome.FAIL, apart, here)
            return Conclusion(Outcome.PASS, f"{', '.join(sorted(there.value))}: the same in both", here)


check = Check(
    title="Every SIP domain knows the same users in both Regions",
    why="A PBX whose user name is missing in the standby is refused there. Passwords cannot be read, so that they are"
    " the same is not looked at.",
    fix="Let the same in at {standby} as at {primary}: voicedr sync plan {flow}.",
    source="https://www.twilio.com/docs/voice/sip/api/sip-credentiallist-resource",
    severity=Severity.REACHES_NOBODY,
    over=domain_pairs,
    judge=judge,
    area=Area.SIP,
    stage=Stage.CROSS_REGION,
    closed_by=ClosedBy.SYNC,
)
