"""Only the provider may ask the application what to say to a caller."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Observed, Unobserved
from voicedr.program.readiness.resources import WebhookAnswer
from voicedr.program.readiness.views.web_signed import SignedWebhook, forged_webhooks


def judge(asked: SignedWebhook) -> Conclusion:
    """Pass if it refused a wrong signature with a 4xx; fail if it answered; unknown if it did neither."""
    match asked.answer:
        case Unobserved(reason):
            return Conclusion(Outcome.UNKNOWN, f"what it does with a wrong signature is not known: {reason}")
        case Observed(value=WebhookAnswer(status=int(status))) as fact if 400 <= status < 500:
            return Conclusion(Outcome.PASS, f"refuses a wrong signature with {status}", fact)
        case Observed(value=WebhookAnswer(status=int(status))) as fact if 200 <= status < 300:
            return Conclusion(Outcome.FAIL, "it answers requests with a wrong signature", fact)
        case Observed(value=answer) as fact:
            why = f"what it does with a wrong signature is not known: it {answer.problem or 'did not answer'}"
            return Conclusion(Outcome.UNKNOWN, why, fact)


check = Check(
    title="Every webhook refuses requests that the provider did not sign",
    why="Whoever finds the URL can ask for the next step of a call, fill queues and logs, and learn what callers hear."
    " Signature checks that were switched off during an outage tend to stay off.",
    fix="Check X-Twilio-Signature with the Auth Tokens of both Regions, and answer 403 to everything else.",
    source="https://www.twilio.com/docs/usage/security",
    severity=Severity.DRIFT,
    over=forged_webhooks,
    judge=judge,
    area=Area.APPLICATION,
    stage=Stage.IN_REGION,
)
