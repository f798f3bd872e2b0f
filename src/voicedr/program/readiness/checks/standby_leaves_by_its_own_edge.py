"""In the standby, webhooks do not leave by the edge of the Region that has just failed."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Unobserved
from voicedr.program.readiness.views.hosted import product_of
from voicedr.program.readiness.views.web import WebUrl, twiml_urls_in_standby
from voicedr.program.readiness.views.web_overrides import overrides_of
from voicedr.program.vocabulary import REGIONS


def judge(url: WebUrl) -> Conclusion | None:
    """Pass if the first edge is not the primary's; unknown if the URL was not read.

    None for what the provider itself runs, and where the overrides are wrong (another check has that).
    """
    if isinstance(url.source, Unobserved):
        return Conclusion(Outcome.UNKNOWN, f"its URLs in {url.region} could not be read: {url.source.reason}")
    asked = overrides_of(url.url)
    if asked is None or product_of(url.url) is not None:
        return None
    avoided = REGIONS.get(url.primary)
    first = asked.edge(1)
    if first == avoided:
        how = "names" if asked.edges else "names no edge, and so leaves by"
        return Conclusion(Outcome.FAIL, f"the {url.use} {how} {first}, the edge of {url.primary}", url.source)
    return Conclusion(Outcome.PASS, f"leaves by {first} first", url.source)


check = Check(
    title="Every webhook of the standby leaves by another edge than the primary's first",
    why="The edge of a webhook is chosen by its URL, not by the Region of the call; without a word it is ashburn. With"
    " the primary's Region its edge may be gone too, and then the first attempt of every webhook is lost time.",
    fix="End the URL in {region} with #e=EDGE,EDGE&rc=1&rp=ct,5xx&ct=3000, an edge near {region} first.",
    source="https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides",
    severity=Severity.LATE,
    over=twiml_urls_in_standby,
    judge=judge,
    area=Area.WEBHOOKS,
    stage=Stage.ISOLATION,
)
