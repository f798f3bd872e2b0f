"""The fallback is in another zone, Region or cloud. No program can see that; somebody says it."""

from collections.abc import Mapping
from ipaddress import ip_address, ip_network

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Observed, Unobserved
from voicedr.program.readiness.said import Unsaid
from voicedr.program.readiness.views.hosted import product_of
from voicedr.program.readiness.views.web_pairs import Pair, pairs_on_hosts


def judge(pair: Pair) -> Conclusion | None:
    """Pass if both hosts were declared, in two places; unknown if one was not. None where the provider runs it."""
    if not pair.url:
        reason = pair.source.reason if isinstance(pair.source, Unobserved) else "nobody looked"
        return Conclusion(Outcome.UNKNOWN, f"its fallbacks in {pair.region} could not be read: {reason}")
    if product_of(pair.fallback) is not None or product_of(pair.url) is not None:
        return None
    if isinstance(pair.places, Unsaid):
        return Conclusion(Outcome.UNKNOWN, f"nobody knows where it is: {pair.places.reason}{_hint(pair)}")
    places = pair.places.value if isinstance(pair.places.value, Mapping) else {}
    for host in (pair.host, pair.fallback_host):
        if not places.get(host):
            why = f"nobody has declared where {host} is: add it to host-places{_hint(pair)}"
            return Conclusion(Outcome.UNKNOWN, why, None, pair.places)
    first, second = str(places[pair.host]), str(places[pair.fallback_host])
    if _same(first, second):
        why = f"it is declared to be where its primary in {pair.region} is: {second}"
        return Conclusion(Outcome.FAIL, why, None, pair.places)
    return Conclusion(Outcome.PASS, f"in {second}; its primary in {pair.region} in {first}", None, pair.places)


def _same(one: str, other: str) -> bool:
    return " ".join(one.lower().split()) == " ".join(other.lower().split())


def _hint(pair: Pair) -> str:
    """Neighbouring addresses prove nothing, and are worth a look."""
    match (pair.addresses, pair.fallback_addresses):
        case (Observed(value=first), Observed(value=second)):
            near = {ip_network(f"{one}/{24 if ip_address(one).version == 4 else 48}", strict=False) for one in first}
            if any(ip_address(one) in network for one in second for network in near):
                return ". Its address is next to its primary's"
        case _:
            pass
    return ""


check = Check(
    title="Every fallback URL is in another place than its primary",
    why="What takes a data centre, a zone or a cloud away takes both if both are there, and the caller is cut off.",
    fix="Move the fallback of {region} to another zone, Region or cloud, and declare under host-places where it is.",
    source="https://www.twilio.com/docs/voice/twilio-voice-failover-best-practices",
    severity=Severity.ONE_FAILURE_AWAY,
    over=pairs_on_hosts,
    judge=judge,
    area=Area.WEBHOOKS,
    stage=Stage.IN_REGION,
)
