"""Every webhook was asked, and said something that the provider can execute, soon enough."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Observed, Unobserved
from voicedr.program.readiness.resources import WebhookAnswer
from voicedr.program.readiness.subjects import Webhook, webhooks


def judge(webhook: Webhook) -> Conclusion:
    """Pass if the answer was valid TwiML within the budget; unknown if it was not asked."""
    match webhook.answer:
        case Unobserved(reason):
            return Conclusion(Outcome.UNKNOWN, f"nobody knows what the {webhook.role} answers: {reason}")
        case Observed(value=WebhookAnswer(problem=str(problem))) as fact:
            return Conclusion(Outcome.FAIL, f"the {webhook.role} {problem}", fact)
        case Observed(value=answer) as fact:
            return Conclusion(Outcome.PASS, f"the {webhook.role} answered TwiML in {answer.seconds:.1f} s", fact)


check = Check(
    title="Every webhook and fallback answers valid TwiML within 15 s",
    why="A webhook that has never answered is a guess. When it fails, the caller hears an error and is cut off.",
    fix="Repair what answers this URL, then check again.",
    source="https://www.twilio.com/docs/api/errors/11205",
    severity=Severity.CUT_OFF,
    over=webhooks,
    judge=judge,
    area=Area.WEBHOOKS,
    stage=Stage.IN_REGION,
)
