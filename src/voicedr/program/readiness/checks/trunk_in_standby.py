"""A trunk domain that moves arrives at a trunk."""

from voicedr.program.readiness.check import Area, Check, ClosedBy, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Observed, Unobserved
from voicedr.program.readiness.subjects import TrunkIn, trunk_domains_in_both


def judge(trunk: TrunkIn) -> Conclusion:
    """Pass if the Region has a trunk with the domain name; unknown if nobody could look."""
    match trunk.trunk:
        case Unobserved(reason):
            return Conclusion(Outcome.UNKNOWN, f"the trunks of {trunk.region} could not be read: {reason}")
        case Observed(value=None) as fact:
            return Conclusion(Outcome.FAIL, f"no trunk in {trunk.region} has this domain name", fact)
        case Observed() as fact:
            return Conclusion(Outcome.PASS, f"a trunk in {trunk.region} has this domain name", fact)


check = Check(
    title="Every trunk domain in scope has a trunk of the same domain name in both Regions",
    why="The termination domain is one name in all Regions and one of them is active. Routed to a Region that has no"
    " such trunk, its calls go nowhere.",
    fix="Make a trunk with this domain name in {region}, with its origination URIs, ACLs and credential lists.",
    source="https://www.twilio.com/docs/global-infrastructure/inbound-processing-api",
    severity=Severity.REACHES_NOBODY,
    over=trunk_domains_in_both,
    judge=judge,
    area=Area.SIP,
    stage=Stage.CROSS_REGION,
    closed_by=ClosedBy.SYNC,
)
