"""The firewall lets in the provider's signalling from every edge."""

from voicedr.program.network.coverage import Standing
from voicedr.program.network.published import Kind
from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Observed, Unobserved
from voicedr.program.readiness.said import Said
from voicedr.program.readiness.views.network import FirewallFile, firewalls


def judge(firewall: FirewallFile) -> Conclusion:
    """Pass if every published range is let in whole; unknown if the export is not there, or cannot be told.

    Ranges of TLS count where a trunk or SIP domain of the flow speaks it.
    """
    said = firewall.said if isinstance(firewall.said, Said) else None
    match firewall.ranges:
        case Unobserved(reason):
            return Conclusion(Outcome.UNKNOWN, f"nobody knows what the firewall lets in: {reason}", None, said)
        case Observed(value=every) as fact:
            kinds = (Kind.SIGNALLING, Kind.SIGNALLING_TLS) if firewall.speaks_tls else (Kind.SIGNALLING,)
            ranges = [one for one in every if one.range.kind in kinds]
            missing = [one for one in ranges if one.standing is Standing.MISSING]
            unclear = [one for one in ranges if one.standing is Standing.UNKNOWN]
            if missing:
                first = missing[0].missing[0]
                told = f"{', '.join(first.prefixes[:3])} {missing[0].range.protocol} {first.port_min}-{first.port_max}"
                why = f"{len(missing)} of {len(ranges)} published ranges are kept out, first {told}: {first.why}"
                return Conclusion(Outcome.FAIL, why, fact, said)
            if unclear or not ranges:
                why = unclear[0].unknown[0].why if unclear else "no such range is published"
                return Conclusion(Outcome.UNKNOWN, f"{len(unclear)} of {len(ranges)} cannot be told: {why}", fact, said)
            over_tls = [one for one in every if one.range.kind is Kind.SIGNALLING_TLS]
            if firewall.speaks_tls is None and any(one.standing is not Standing.COVERED for one in over_tls):
                why = "TLS is not let in from everywhere, and whether the flow's trunks speak it could not be read"
                return Conclusion(Outcome.UNKNOWN, why, fact, said)
            return Conclusion(Outcome.PASS, f"all {len(ranges)} published ranges are let in", fact, said)


check = Check(
    title="Every firewall lets in the provider's signalling from every edge",
    why="When an edge fails, calls come from another one. What the firewall does not know it drops, without a log at"
    " the provider.",
    fix="Let in what voicedr allow-list prints, from all edges, and export the firewall anew.",
    source="https://www.twilio.com/docs/sip-trunking/ip-addresses",
    severity=Severity.ONE_FAILURE_AWAY,
    over=firewalls,
    judge=judge,
    area=Area.SIP,
    stage=Stage.IN_REGION,
)
