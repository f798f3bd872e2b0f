"""A handler that the provider runs exists in the Region that the flow moves to."""

from collections.abc import Iterator

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Unobserved
from voicedr.program.readiness.subjects import Case
from voicedr.program.readiness.views.hosted import product_of, region_in, runs_in
from voicedr.program.readiness.views.web import WebUrl, twiml_urls_in_standby


def hosted_urls(case: Case) -> Iterator[WebUrl]:
    """What the provider itself runs for the flow in the standby, and what nobody could read."""
    return (url for url in twiml_urls_in_standby(case) if not url.url or product_of(url.url) is not None)


def judge(url: WebUrl) -> Conclusion:
    """Pass if its product exists in the standby and its name says that it runs there."""
    product, here = product_of(url.url) or "", url.region
    if isinstance(url.source, Unobserved):
        return Conclusion(Outcome.UNKNOWN, f"its URLs could not be read: {url.source.reason}")
    runs = runs_in(product, here)
    if runs is False:
        return Conclusion(Outcome.FAIL, f"the {url.use} is {product}, which {here} does not have", url.source)
    where = region_in(url.url)
    if where is not None and where != here:
        why = f"the {url.use} is {product} of {where}: it needs {where} while {here} takes the calls"
        return Conclusion(Outcome.FAIL, why, url.source)
    if runs is not True:
        return Conclusion(Outcome.UNKNOWN, f"the {url.use} is {product}: {runs}. Prove it by a call", url.source)
    if where is None and here != "us1":
        why = f"the {url.use} is {product}, and its name does not say in which Region it runs. Prove it by a call"
        return Conclusion(Outcome.UNKNOWN, why, url.source)
    return Conclusion(Outcome.PASS, f"{product} exists in {here}", url.source)


check = Check(
    title="Every handler that the provider runs exists in the standby and runs there",
    why="Studio, Functions and TaskRouter are not in every Region, and one that runs in the failed Region answers"
    " nobody,"
    " although the number was moved correctly.",
    fix="Give the number in {region} a handler that {region} has: the same product under {region}'s own name, or a host"
    " of your own.",
    source="https://www.twilio.com/docs/global-infrastructure/regional-product-and-feature-availability",
    severity=Severity.CUT_OFF,
    over=hosted_urls,
    judge=judge,
    area=Area.APPLICATION,
    stage=Stage.CROSS_REGION,
)
