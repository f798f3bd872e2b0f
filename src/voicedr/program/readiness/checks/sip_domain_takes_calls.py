"""A SIP domain exists in both Regions, lets somebody in, and has somebody to answer."""

from voicedr.program.readiness.check import Area, Check, ClosedBy, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Observed, Unobserved
from voicedr.program.readiness.subjects import SipDomainIn, sip_domains_in_both


def judge(domain: SipDomainIn) -> Conclusion:
    """Pass if it exists with an ``auth_type`` and a voice URL; unknown if nobody could look."""
    here = domain.region
    match domain.domain:
        case Unobserved(reason):
            return Conclusion(Outcome.UNKNOWN, f"the SIP domains of {here} could not be read: {reason}")
        case Observed(value=found) as fact:
            if found is None:
                return Conclusion(Outcome.FAIL, f"{here} has no SIP domain of this name", fact)
            if not found.auth_type:
                return Conclusion(Outcome.FAIL, f"no auth_type in {here}: it gets no traffic there", fact)
            if not found.handler.voice_url:
                return Conclusion(Outcome.FAIL, f"no voice URL in {here}: nobody answers there", fact)
            return Conclusion(Outcome.PASS, f"takes calls in {here} by {found.auth_type}", fact)


check = Check(
    title="Every SIP domain in scope exists in both Regions, with an auth_type and a voice URL",
    why="The domain name is one in all Regions, the SIP domain is not. Without an ACL or a credential list mapped to"
    " it, a domain gets no traffic.",
    fix="Make the SIP domain in {region} under the same name, map an IP ACL or a credential list of {region} to it, and"
    " set its VoiceUrl.",
    source="https://www.twilio.com/docs/voice/api/sip-domain-resource",
    severity=Severity.REACHES_NOBODY,
    over=sip_domains_in_both,
    judge=judge,
    area=Area.SIP,
    stage=Stage.CROSS_REGION,
    closed_by=ClosedBy.SYNC,
)
