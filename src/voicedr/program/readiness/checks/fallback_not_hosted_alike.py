"""A primary and a fallback that the provider itself runs share the provider's fate."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Unobserved
from voicedr.program.readiness.views.hosted import product_of, region_in
from voicedr.program.readiness.views.web_pairs import Pair, hosted_pairs


def judge(pair: Pair) -> Conclusion:
    """Pass if the primary is the customer's own, or is run in another Region by name."""
    if isinstance(pair.source, Unobserved):
        return Conclusion(Outcome.UNKNOWN, f"its URLs could not be read: {pair.source.reason}")
    fallback, primary = product_of(pair.fallback), product_of(pair.url)
    if primary is None:
        return Conclusion(Outcome.PASS, f"{fallback} stands in for a host of one's own", pair.source)
    regions = region_in(pair.url), region_in(pair.fallback)
    if None not in regions and regions[0] != regions[1]:
        why = f"{primary} in {regions[0]} falls back to {fallback} in {regions[1]}"
        return Conclusion(Outcome.PASS, why, pair.source)
    why = f"{primary} falls back to {fallback}: both are the provider's, and not in two Regions by their names"
    return Conclusion(Outcome.FAIL, why, pair.source)


check = Check(
    title="No handler that the provider runs falls back to another one beside it",
    why="Functions, TwiML Bins and Studio need no machine of yours, and fail when the provider's Region does. Two of"
    " them"
    " in one Region are one failure.",
    fix="Let one of the two in {region} be on a host of your own, or run it in another Region.",
    source="https://www.twilio.com/docs/global-infrastructure/regional-product-and-feature-availability",
    severity=Severity.ONE_FAILURE_AWAY,
    over=hosted_pairs,
    judge=judge,
    area=Area.WEBHOOKS,
    stage=Stage.ISOLATION,
)
