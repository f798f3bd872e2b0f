"""A trunk whose SBCs are all dead still gives the caller something."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Observed, Unobserved
from voicedr.program.readiness.resources import Trunk
from voicedr.program.readiness.subjects import TrunkIn, trunks_in_both
from voicedr.program.readiness.urls import host_of


def judge(trunk: TrunkIn) -> Conclusion | None:
    """Pass if the URL is set and on no SBC's host; unknown if nobody could look. None where there is no trunk."""
    here = trunk.region
    match trunk.trunk:
        case Unobserved(reason):
            return Conclusion(Outcome.UNKNOWN, f"its disaster-recovery URL in {here} could not be read: {reason}")
        case Observed(value=Trunk(disaster_recovery_url=None)) as fact:
            return Conclusion(Outcome.FAIL, f"no disaster-recovery URL is set in {here}", fact)
        case Observed(value=Trunk(disaster_recovery_url=str(url), origination_urls=uris)) as fact:
            host = host_of(url)
            if host is None:
                return Conclusion(Outcome.UNKNOWN, f"its disaster-recovery URL in {here} names no host", fact)
            if host in {host_of(uri.sip_url) for uri in uris}:
                return Conclusion(
                    Outcome.FAIL, f"its disaster-recovery URL in {here} is on the SBC's host, {host}", fact
                )
            return Conclusion(Outcome.PASS, f"{host} takes the calls in {here} when every SBC is dead", fact)
        case Observed():
            return None


check = Check(
    title="Every trunk has a disaster-recovery URL that is not on the host of an SBC",
    why="When none of a trunk's origination URIs takes a call, the disaster-recovery URL is the last one asked. Without"
    " it the call fails; on an SBC's host it dies with the SBC.",
    fix="Set DisasterRecoveryUrl on the trunk in {region} to a host that shares nothing with the SBCs.",
    source="https://www.twilio.com/docs/voice/twilio-voice-failover-best-practices",
    severity=Severity.ONE_FAILURE_AWAY,
    over=trunks_in_both,
    judge=judge,
    area=Area.SIP,
    stage=Stage.IN_REGION,
)
