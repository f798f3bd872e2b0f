"""A fallback is asked with two parameters more than a primary, and must not stumble over them."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Observed, Unobserved
from voicedr.program.readiness.resources import WebhookAnswer
from voicedr.program.readiness.views.web_pairs import Pair, pairs


def judge(pair: Pair) -> Conclusion | None:
    """Pass if it answers TwiML when it is told ErrorCode and ErrorUrl; fail if it does so only when it is not.

    Unknown if it was not asked both ways. None where it answers neither way (another check has that).
    """
    match (pair.told, pair.untold):
        case (Unobserved(reason), _):
            return Conclusion(Outcome.UNKNOWN, f"what it does with ErrorCode and ErrorUrl is not known: {reason}")
        case (Observed(value=WebhookAnswer(problem=None)) as fact, _):
            why = (
                "answers TwiML when it is told ErrorCode and ErrorUrl; that it raises an alert cannot be seen from here"
            )
            return Conclusion(Outcome.PASS, why, fact)
        case (Observed(value=WebhookAnswer(problem=problem)) as fact, Observed(value=WebhookAnswer(problem=None))):
            why = f"it answers TwiML without ErrorCode and ErrorUrl, and with them it {problem}"
            return Conclusion(Outcome.FAIL, why, fact)
        case (Observed() as fact, Unobserved(reason)):
            why = f"it fails when it is told ErrorCode and ErrorUrl; whether without them too is not known: {reason}"
            return Conclusion(Outcome.UNKNOWN, why, fact)
        case _:
            return None


check = Check(
    title="Every fallback URL answers TwiML when it is told ErrorCode and ErrorUrl",
    why="On the day, the request carries the code of the failure and the URL that failed. A fallback that has only ever"
    " been tried without them may refuse them (an unexpected parameter, a strict signature check) and cut callers off.",
    fix="Let the fallback of {region} take any parameter, log ErrorCode and ErrorUrl, and raise an alert on them.",
    source="https://www.twilio.com/docs/voice/twilio-voice-failover-best-practices",
    severity=Severity.CUT_OFF,
    over=pairs,
    judge=judge,
    area=Area.WEBHOOKS,
    stage=Stage.IN_REGION,
)
