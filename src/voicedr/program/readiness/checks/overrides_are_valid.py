"""What a URL's fragment asks for is something that the provider knows."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Unobserved
from voicedr.program.readiness.views.web import WebUrl, twiml_urls
from voicedr.program.readiness.views.web_overrides import faults
from voicedr.program.readiness.views.web_overrides import pairs as overrides


def judge(url: WebUrl) -> Conclusion | None:
    """Pass if every override is known and in its range; unknown if the URL was not read. None without overrides."""
    if isinstance(url.source, Unobserved):
        return Conclusion(Outcome.UNKNOWN, f"its URLs in {url.region} could not be read: {url.source.reason}")
    if not overrides(url.url):
        return None
    wrong = faults(url.url)
    if wrong:
        return Conclusion(Outcome.FAIL, f"the overrides of the {url.use}: {'; '.join(wrong)}", url.source)
    return Conclusion(Outcome.PASS, "its overrides are known and in range", url.source)


check = Check(
    title="Every connection override is known and in its range",
    why="An edge or a retry policy that the provider does not know fails the request (11240 to 11243). What it does"
    " with"
    " a number out of range is not documented, so nobody knows how long such a webhook is waited for.",
    fix="Correct the fragment of the URL in {region}: e, rc 0 to 5, rp of 4xx 5xx ct rt all, ct 100 to 10000,"
    " rt and tt 100 to 15000.",
    source="https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides",
    severity=Severity.CUT_OFF,
    over=twiml_urls,
    judge=judge,
    area=Area.WEBHOOKS,
    stage=Stage.IN_REGION,
)
