"""Two origination URIs do not lead to the same machine."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Observed, Unobserved
from voicedr.program.readiness.urls import host_of
from voicedr.program.readiness.views.sip import Groups, grouped


def judge(trunk: Groups) -> Conclusion | None:
    """Pass if no two hosts share an address; unknown if a name could not be looked up. None with fewer hosts."""
    if isinstance(trunk.groups, Unobserved):
        return Conclusion(Outcome.UNKNOWN, f"its origination URIs could not be read: {trunk.groups.reason}")
    hosts = dict.fromkeys(host for group in trunk.groups.value for url in group if (host := host_of(url.sip_url)))
    if len(hosts) < 2:
        return None
    seen: dict[str, str] = {}
    last: Observed[tuple[str, ...]] | None = None
    for host in hosts:
        addresses = trunk.addresses.get(host) or Unobserved("it was not asked for")
        if isinstance(addresses, Unobserved):
            return Conclusion(Outcome.UNKNOWN, f"the addresses of {host} are not known: {addresses.reason}")
        for address in addresses.value:
            if address in seen:
                why = f"{seen[address]} and {host} have the same address, {address}"
                return Conclusion(Outcome.FAIL, why, addresses)
        seen |= dict.fromkeys(addresses.value, host)
        last = addresses
    return Conclusion(Outcome.PASS, f"its {len(hosts)} SBCs have addresses of their own", last)


check = Check(
    title="No two SBCs of a trunk share an address",
    why="Two names of one machine look like redundancy and are none.",
    fix="Give each origination URI in {region} an SBC of its own.",
    source="https://www.twilio.com/docs/voice/twilio-voice-failover-best-practices",
    severity=Severity.ONE_FAILURE_AWAY,
    over=grouped,
    judge=judge,
    area=Area.SIP,
    stage=Stage.IN_REGION,
)
