"""What answers when every SBC is dead does not stand on an SBC's address."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Unobserved
from voicedr.program.readiness.urls import host_of
from voicedr.program.readiness.views.sip import Groups, grouped


def judge(trunk: Groups) -> Conclusion | None:
    """Pass if no address is shared; unknown if a name could not be looked up. None without a disaster-recovery URL."""
    if isinstance(trunk.groups, Unobserved):
        return Conclusion(Outcome.UNKNOWN, f"its origination URIs could not be read: {trunk.groups.reason}")
    host = host_of(trunk.recovery_url or "")
    if host is None:
        return None
    own = trunk.addresses.get(host) or Unobserved("it was not asked for")
    if isinstance(own, Unobserved):
        return Conclusion(Outcome.UNKNOWN, f"the addresses of {host} are not known: {own.reason}")
    for other in dict.fromkeys(h for group in trunk.groups.value for url in group if (h := host_of(url.sip_url))):
        addresses = trunk.addresses.get(other) or Unobserved("it was not asked for")
        if isinstance(addresses, Unobserved):
            return Conclusion(Outcome.UNKNOWN, f"the addresses of {other} are not known: {addresses.reason}")
        if shared := sorted(set(own.value) & set(addresses.value)):
            why = f"its disaster-recovery host {host} and its SBC {other} share {', '.join(shared)}"
            return Conclusion(Outcome.FAIL, why, own)
    return Conclusion(Outcome.PASS, f"{host} shares no address with an SBC", own)


check = Check(
    title="No disaster-recovery URL shares an address with an SBC",
    why="The disaster-recovery URL is asked when the SBCs are dead. On their address it is dead with them.",
    fix="Put what answers the disaster-recovery URL in {region} elsewhere: voicedr fallback serve.",
    source="https://www.twilio.com/docs/voice/twilio-voice-failover-best-practices",
    severity=Severity.ONE_FAILURE_AWAY,
    over=grouped,
    judge=judge,
    area=Area.SIP,
    stage=Stage.IN_REGION,
)
