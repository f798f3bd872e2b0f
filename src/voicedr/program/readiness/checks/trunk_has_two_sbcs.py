"""A trunk's calls have a second place to go."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Observed, Unobserved
from voicedr.program.readiness.resources import Trunk
from voicedr.program.readiness.subjects import TrunkIn, trunks_in_both
from voicedr.program.readiness.urls import host_of


def judge(trunk: TrunkIn) -> Conclusion | None:
    """Pass if enabled origination URIs name at least two hosts; unknown if nobody could look. None without a trunk."""
    here = trunk.region
    match trunk.trunk:
        case Unobserved(reason):
            return Conclusion(Outcome.UNKNOWN, f"its origination URIs in {here} could not be read: {reason}")
        case Observed(value=Trunk(origination_urls=uris)) as fact:
            enabled = [uri for uri in uris if uri.enabled]
            hosts = {host for uri in enabled if (host := host_of(uri.sip_url)) is not None}
            counts = f"{len(enabled)} of {len(uris)} origination URIs enabled in {here}"
            if len(hosts) >= 2:
                return Conclusion(Outcome.PASS, f"{counts}, on {len(hosts)} hosts", fact)
            return Conclusion(Outcome.FAIL, f"{counts}, on {len(hosts)} hosts: two are needed", fact)
        case Observed():
            return None


check = Check(
    title="Every trunk has at least two enabled origination URIs on different hosts",
    why="With one SBC, its failure is the failure of every call on the trunk.",
    fix="Add an origination URI in {region} for an SBC on another host, in another place.",
    source="https://www.twilio.com/docs/voice/twilio-voice-failover-best-practices",
    severity=Severity.ONE_FAILURE_AWAY,
    over=trunks_in_both,
    judge=judge,
    area=Area.SIP,
    stage=Stage.IN_REGION,
)
