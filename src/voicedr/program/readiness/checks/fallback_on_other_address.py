"""Two names may be one machine: the fallback's addresses are others than the primary's."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Observed, Unobserved
from voicedr.program.readiness.views.web_pairs import Pair, pairs_on_hosts


def judge(pair: Pair) -> Conclusion | None:
    """Pass if the names lead to addresses of which none is shared; unknown if one could not be resolved.

    None where a name leads nowhere (another check has that).
    """
    match (pair.addresses, pair.fallback_addresses):
        case (Unobserved(reason), _):
            return Conclusion(Outcome.UNKNOWN, f"the primary's addresses are not known: {reason}")
        case (_, Unobserved(reason)):
            return Conclusion(Outcome.UNKNOWN, f"its addresses are not known: {reason}")
        case (Observed(value=first), Observed(value=second) as fact) if first and second:
            shared = sorted(set(first) & set(second))
            if shared:
                return Conclusion(Outcome.FAIL, f"it and its primary in {pair.region} are both at {shared[0]}", fact)
            return Conclusion(Outcome.PASS, f"shares no address with its primary in {pair.region}", fact)
        case _:
            return None


check = Check(
    title="Every fallback URL leads to other addresses than its primary",
    why="Two host names on one balancer, proxy or network of a content host fail together, however different they"
    " look.",
    fix="Put the fallback of {region} behind addresses of its own, in another zone, Region or cloud.",
    source="https://www.twilio.com/docs/voice/twilio-voice-failover-best-practices",
    severity=Severity.ONE_FAILURE_AWAY,
    over=pairs_on_hosts,
    judge=judge,
    area=Area.WEBHOOKS,
    stage=Stage.IN_REGION,
)
