"""The retries that a URL asks for happen before the provider stops waiting."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Unobserved
from voicedr.program.readiness.views.web import WebUrl, twiml_urls
from voicedr.program.readiness.views.web_overrides import attempts_s, overrides_of
from voicedr.program.readiness.views.web_overrides import pairs as overrides


def judge(url: WebUrl) -> Conclusion | None:
    """Pass if all attempts fit; unknown if the URL was not read. None without overrides, or with wrong ones."""
    if isinstance(url.source, Unobserved):
        return Conclusion(Outcome.UNKNOWN, f"its URLs in {url.region} could not be read: {url.source.reason}")
    asked = overrides_of(url.url)
    if asked is None or not overrides(url.url):
        return None
    needs, has = attempts_s(asked), asked.total_s
    if needs > has:
        why = (
            f"{asked.retries + 1} attempts of the {url.use} may need {needs:g} s, and there are {has:g} s:"
            " the last ones never happen"
        )
        return Conclusion(Outcome.FAIL, why, url.source)
    return Conclusion(Outcome.PASS, f"its attempts need at most {needs:g} s of {has:g} s", url.source)


check = Check(
    title="All attempts that an override asks for fit into the time that a call's request has",
    why="15 s are the end of every request of a call, whatever the overrides say. Retries that would come later never"
    " come, so the edges they were meant for are never tried.",
    fix="Give the URL in {region} a shorter ct (and rt, where rp has rt), so that rc+1 attempts fit into tt, at most"
    " 15 s.",
    source="https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides",
    severity=Severity.ONE_FAILURE_AWAY,
    over=twiml_urls,
    judge=judge,
    area=Area.WEBHOOKS,
    stage=Stage.IN_REGION,
)
