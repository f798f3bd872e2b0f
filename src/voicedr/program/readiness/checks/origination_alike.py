"""The standby's trunk brings calls to the same SBCs, in the same order."""

from voicedr.program.readiness.check import Area, Check, ClosedBy, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Unobserved
from voicedr.program.readiness.views.sip import TrunkPair, trunks_compared


def judge(pair: TrunkPair) -> Conclusion | None:
    """Pass if order and share are the same, whatever the edges; unknown if nobody could look. None if one has none."""
    match pair.both:
        case None:
            return None
        case Unobserved(reason):
            return Conclusion(Outcome.UNKNOWN, f"its origination URIs could not be compared: {reason}")
        case fact:
            here, there = fact.value
    if missing := [one for one in there if one not in here]:
        why = f"without {missing[0]}" + (f" and {len(missing) - 1} more" if len(missing) > 1 else "")
        return Conclusion(Outcome.FAIL, f"{len(missing)} of {len(there)} origination URIs are not there: {why}", fact)
    if extra := [one for one in here if one not in there]:
        return Conclusion(Outcome.FAIL, f"has {len(extra)} more than {pair.primary}: {extra[0]}", fact)
    return Conclusion(Outcome.PASS, f"the same {len(there)} as in {pair.primary}", fact)


check = Check(
    title="Every trunk has the same origination URIs in both Regions: host, priority, weight, enabled",
    why="A trunk that brings its calls elsewhere in the standby brings them to SBCs that nobody sized for them.",
    fix="Give the trunk in {standby} the URIs that it has in {primary}: voicedr sync plan {flow}.",
    source="https://www.twilio.com/docs/sip-trunking/api/originationurl-resource",
    severity=Severity.CUT_OFF,
    over=trunks_compared,
    judge=judge,
    area=Area.SIP,
    stage=Stage.CROSS_REGION,
    closed_by=ClosedBy.SYNC,
)
