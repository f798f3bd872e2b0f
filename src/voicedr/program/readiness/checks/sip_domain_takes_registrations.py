"""Where devices may register, somebody is on a list for it."""

from voicedr.program.readiness.check import Area, Check, ClosedBy, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Observed, Unobserved
from voicedr.program.readiness.views.sip_access import Door, domain_doors


def judge(door: Door) -> Conclusion | None:
    """Pass if a list with a user is mapped for registration; unknown if nobody could look. None where it is off."""
    match door.found:
        case Unobserved(reason):
            return Conclusion(Outcome.UNKNOWN, f"the SIP domains of {door.region} could not be read: {reason}")
        case Observed(value=found) as seen:
            if found is None or not found.fields.get("sip_registration"):
                return None
    lists = door.lists["devices"]
    if isinstance(lists, Unobserved):
        return Conclusion(Outcome.UNKNOWN, f"who may register in {door.region} could not be read: {lists.reason}")
    users = sum(len(members) for members in lists.value.values())
    if users == 0:
        return Conclusion(Outcome.FAIL, f"registration is on in {door.region} and nobody is on a list for it", seen)
    return Conclusion(Outcome.PASS, f"{users} users may register", lists)


check = Check(
    title="Every SIP domain that takes registrations has a credential list for them, with users",
    why="A device that cannot register cannot be called. Lists for registration are mapped apart from those for calls.",
    fix="Map a credential list of {region} for registrations to the SIP domain: voicedr sync plan {flow}.",
    source="https://www.twilio.com/docs/voice/api/sip-registration",
    severity=Severity.REACHES_NOBODY,
    over=domain_doors,
    judge=judge,
    area=Area.SIP,
    stage=Stage.CROSS_REGION,
    closed_by=ClosedBy.SYNC,
)
