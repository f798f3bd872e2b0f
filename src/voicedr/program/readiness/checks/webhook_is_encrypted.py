"""Nothing about a call crosses the internet in the clear, on the fallback as on the primary."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Observed, Unobserved
from voicedr.program.readiness.views.web import WebUrl, outside_urls


def judge(url: WebUrl) -> Conclusion | None:
    """Pass if it is https; unknown if it could not be read. None if it is neither https nor http."""
    match url.source:
        case Unobserved(reason):
            return Conclusion(Outcome.UNKNOWN, f"its URLs in {url.region} could not be read: {reason}")
        case Observed() as fact:
            scheme = url.url.partition(":")[0].lower()
            if scheme == "https":
                return Conclusion(Outcome.PASS, "asked over https", fact)
            if scheme == "http":
                return Conclusion(Outcome.FAIL, f"the {url.use} is plain http", fact)
            return None


check = Check(
    title="Every stored URL is https",
    why="Over plain http, numbers, recordings' addresses and the signature itself can be read on the way, and the"
    " answer"
    " can be replaced. A fallback is often the one that was forgotten.",
    fix="Give the host a certificate and store the URL in {region} with https.",
    source="https://www.twilio.com/docs/usage/security",
    severity=Severity.DRIFT,
    over=outside_urls,
    judge=judge,
    area=Area.WEBHOOKS,
    stage=Stage.IN_REGION,
)
