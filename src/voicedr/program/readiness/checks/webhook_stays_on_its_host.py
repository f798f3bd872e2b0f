"""A webhook answers itself: it does not send the provider on to another host."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Observed, Unobserved
from voicedr.program.readiness.subjects import Webhook, webhooks
from voicedr.program.readiness.urls import host_of


def judge(webhook: Webhook) -> Conclusion:
    """Pass if no redirect led to another host; unknown if it was not asked, or gave no answer and no redirect."""
    match webhook.answer:
        case Unobserved(reason):
            return Conclusion(Outcome.UNKNOWN, f"nobody knows where the {webhook.role} leads: {reason}")
        case Observed(value=answer) as fact:
            home = host_of(webhook.url)
            away = [hop for hop in answer.hops if hop.host != home]
            if away:
                for_good = " for good" if any(hop.status in (301, 308) for hop in away) else ""
                why = f"the {webhook.role} redirects{for_good} to {away[0].host}: both hosts must live for one answer"
                return Conclusion(Outcome.FAIL, why, fact)
            if answer.problem is not None and answer.status is None:
                return Conclusion(Outcome.UNKNOWN, f"the {webhook.role} {answer.problem}", fact)
            return Conclusion(Outcome.PASS, "answers without going to another host", fact)


check = Check(
    title="No webhook redirects to another host",
    why="A redirect costs time out of the same 15 s, and needs two hosts where one would do. A primary that"
    " redirects to"
    " its fallback's host (for good: 301, 308) has quietly made the fallback the only one there is.",
    fix="Store the URL that answers in place of the one that redirects to it.",
    source="https://www.twilio.com/docs/api/errors/11215",
    severity=Severity.ONE_FAILURE_AWAY,
    over=webhooks,
    judge=judge,
    area=Area.WEBHOOKS,
    stage=Stage.IN_REGION,
)
