"""A trunk takes calls from the SBCs: somebody is let in."""

from voicedr.program.readiness.check import Area, Check, ClosedBy, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Observed, Unobserved
from voicedr.program.readiness.views.sip_access import Door, trunk_doors


def judge(door: Door) -> Conclusion | None:
    """Pass if a list with a member is mapped; unknown if nobody could look. None where there is no trunk."""
    match door.found:
        case Unobserved(reason):
            return Conclusion(Outcome.UNKNOWN, f"the trunks of {door.region} could not be read: {reason}")
        case Observed(value=None):
            return None
        case Observed() as seen:
            pass
    mapped: dict[str, int] = {}
    for lists in door.lists.values():
        if isinstance(lists, Unobserved):
            return Conclusion(Outcome.UNKNOWN, f"who is let in at {door.region} could not be read: {lists.reason}")
        mapped |= {name: len(members) for name, members in lists.value.items()}
    if not mapped:
        return Conclusion(Outcome.FAIL, f"no access control list and no credential list in {door.region}", seen)
    if empty := sorted(name for name, members in mapped.items() if not members):
        return Conclusion(Outcome.FAIL, f"{', '.join(empty)} in {door.region} is empty: it lets nobody in", seen)
    return Conclusion(Outcome.PASS, f"lets in by {', '.join(sorted(mapped))}", seen)


check = Check(
    title="Every trunk has an access control list or a credential list in both Regions, and none is empty",
    why="Without either, the termination domain takes no call from the SBCs.",
    fix="Map an access control list or a credential list of {region} to the trunk: voicedr sync plan {flow}.",
    source="https://www.twilio.com/docs/sip-trunking",
    severity=Severity.REACHES_NOBODY,
    over=trunk_doors,
    judge=judge,
    area=Area.SIP,
    stage=Stage.CROSS_REGION,
    closed_by=ClosedBy.SYNC,
)
