"""When one edge cannot reach the application, another one tries."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Unobserved
from voicedr.program.readiness.views.hosted import product_of
from voicedr.program.readiness.views.web import WebUrl, twiml_urls
from voicedr.program.readiness.views.web_overrides import overrides_of


def judge(url: WebUrl) -> Conclusion | None:
    """Pass if at least two edges are named and retries use them all, also after a 5xx; unknown if the URL was not read.

    None for what the provider itself runs, and where the overrides are wrong (another check has that).
    """
    if isinstance(url.source, Unobserved):
        return Conclusion(Outcome.UNKNOWN, f"its URLs in {url.region} could not be read: {url.source.reason}")
    asked = overrides_of(url.url)
    if asked is None or product_of(url.url) is not None:
        return None
    edges, attempts = tuple(dict.fromkeys(asked.edges)), asked.retries + 1
    if len(edges) < 2:
        named = f"only the edge {edges[0]}" if edges else "no edge, so ashburn is the only one"
        return Conclusion(Outcome.FAIL, f"the {url.use} names {named}", url.source)
    if attempts < len(edges):
        unused = ", ".join(edges[attempts:])
        return Conclusion(Outcome.FAIL, f"rc={asked.retries} of the {url.use} never comes to {unused}", url.source)
    if "5xx" not in asked.retried:
        why = f"the {url.use} is asked again only after {', '.join(sorted(asked.retried))}: rp leaves out 5xx"
        return Conclusion(Outcome.FAIL, why, url.source)
    return Conclusion(Outcome.PASS, f"leaves by {', '.join(edges)}, in turn", url.source)


check = Check(
    title="Every webhook names two edges, and enough retries to try them",
    why="Without overrides a webhook leaves by ashburn, is tried twice there, and only if it could not connect. A fault"
    " between that edge and the application then fails every call, although another edge would get through.",
    fix="End the URL in {region} with #e=EDGE,EDGE&rc=1&rp=ct,5xx&ct=3000, the edge nearest to the application first.",
    source="https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides",
    severity=Severity.ONE_FAILURE_AWAY,
    over=twiml_urls,
    judge=judge,
    area=Area.WEBHOOKS,
    stage=Stage.IN_REGION,
)
