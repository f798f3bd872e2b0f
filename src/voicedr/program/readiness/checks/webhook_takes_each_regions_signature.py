"""The application knows the Auth Token of the Region that asks, whichever it is."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Observed, Unobserved
from voicedr.program.readiness.resources import WebhookAnswer
from voicedr.program.readiness.views.web_signed import SignedWebhook, signed_webhooks


def judge(asked: SignedWebhook) -> Conclusion | None:
    """Pass if it answered a request that was signed as the Region signs; fail if it refused that signature.

    Unknown if it was not asked so. None where it failed otherwise (another check has that).
    """
    here = asked.webhook.region
    match asked.answer:
        case Unobserved(reason):
            return Conclusion(Outcome.UNKNOWN, f"whether it takes {here}'s signature is not known: {reason}")
        case Observed(value=WebhookAnswer(signed_as=None)):
            why = f"whether it takes {here}'s signature is not known: the request was not signed"
            return Conclusion(Outcome.UNKNOWN, why)
        case Observed(value=WebhookAnswer(status=401 | 403 as status)) as fact:
            return Conclusion(Outcome.FAIL, f"it answered {status} to a request signed as {here} signs", fact)
        case Observed(value=WebhookAnswer(problem=None)) as fact:
            return Conclusion(Outcome.PASS, f"answers requests that {here} signs", fact)
        case _:
            return None


check = Check(
    title="Every webhook answers requests signed with the Auth Token of each Region that asks it",
    why="Each Region signs with an Auth Token of its own. An application that knows only the primary's refuses every"
    " request from the standby: everything was moved, and every caller is cut off.",
    fix="Give the application the Auth Token of {region} beside the other one, and let it accept either.",
    source="https://www.twilio.com/docs/global-infrastructure/manage-regional-api-credentials",
    severity=Severity.CUT_OFF,
    over=signed_webhooks,
    judge=judge,
    area=Area.APPLICATION,
    stage=Stage.CROSS_REGION,
)
