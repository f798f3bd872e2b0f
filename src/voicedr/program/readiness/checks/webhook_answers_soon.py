"""A webhook that is slow today is one that fails when it is busy."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Observed, Unobserved
from voicedr.program.readiness.resources import WebhookAnswer
from voicedr.program.readiness.subjects import Webhook, webhooks
from voicedr.wire.overrides import CALL_TOTAL_S

SOON_S = CALL_TOTAL_S / 2
"""Half of what there is: the answer of a quiet moment may take twice as long on a busy one. A rule of ours."""


def judge(webhook: Webhook) -> Conclusion | None:
    """Pass if it answered in half of the budget; unknown if it was not asked. None if it gave no valid answer."""
    match webhook.answer:
        case Unobserved(reason):
            return Conclusion(Outcome.UNKNOWN, f"nobody knows how long the {webhook.role} takes: {reason}")
        case Observed(value=WebhookAnswer(problem=str())):
            return None
        case Observed(value=answer) as fact if answer.seconds > SOON_S:
            why = f"the {webhook.role} took {answer.seconds:.1f} s of {CALL_TOTAL_S:g} s for one test request"
            return Conclusion(Outcome.FAIL, why, fact)
        case Observed() as fact:
            return Conclusion(Outcome.PASS, f"answered within {SOON_S:g} s", fact)


check = Check(
    title=f"Every webhook answers in less than half of the {CALL_TOTAL_S:g} s that it has",
    why="The caller hears silence for so long, at every step. After a cutover all callers come at once, the application"
    " slows down, and what took half of the time takes all of it: 11205, and the caller is cut off.",
    fix="Find what this URL waits for, and answer first.",
    source="https://www.twilio.com/docs/api/errors/11205",
    severity=Severity.ONE_FAILURE_AWAY,
    over=webhooks,
    judge=judge,
    area=Area.WEBHOOKS,
    stage=Stage.IN_REGION,
)
