"""A SIP domain is set in the standby as in the primary."""

from voicedr.program.readiness.check import Area, Check, ClosedBy, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Observed, Unobserved
from voicedr.program.readiness.views.sip_access import DoorPair, domain_pairs, settings_apart


def judge(pair: DoorPair) -> Conclusion | None:
    """Pass if every setting is the same; unknown if nobody could look. None where a Region has no such thing."""
    here, there = pair.here.found, pair.there.found
    for door in (here, there):
        if isinstance(door, Unobserved):
            return Conclusion(Outcome.UNKNOWN, f"its settings could not be compared: {door.reason}")
    if not isinstance(here, Observed) or not isinstance(there, Observed) or here.value is None or there.value is None:
        return None
    if apart := settings_apart(here.value, there.value):
        told = "; ".join(
            f"{name} {_said(here.value.fields.get(name))}, at home {_said(there.value.fields.get(name))}"
            for name in apart
        )
        return Conclusion(Outcome.FAIL, f"otherwise than at home: {told}", here)
    return Conclusion(Outcome.PASS, "set as at home", here)


def _said(value: object) -> str:
    return "not set" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


check = Check(
    title="Every SIP domain has the same settings in both Regions: registration, encryption, emergency calls",
    why="Devices cannot register where registration is off, and emergency calls fail where they are not enabled.",
    fix="Set it in {standby} as in {primary}: voicedr sync plan {flow}.",
    source="https://www.twilio.com/docs/voice/sip/api/sip-domain-resource",
    severity=Severity.CUT_OFF,
    over=domain_pairs,
    judge=judge,
    area=Area.SIP,
    stage=Stage.CROSS_REGION,
    closed_by=ClosedBy.SYNC,
)
