"""A message that the primary does not take is taken by somebody."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Observed, Unobserved
from voicedr.program.readiness.urls import host_of
from voicedr.program.readiness.views.web_messages import MessagesIn, messages_in_both


def judge(number: MessagesIn) -> Conclusion | None:
    """Pass if the number has a message fallback URL on another host; unknown if nobody could look.

    None where its messages go nowhere.
    """
    match number.messages:
        case Unobserved(reason):
            return Conclusion(Outcome.UNKNOWN, f"where messages go in {number.region} could not be read: {reason}")
        case Observed(value=messages) as fact:
            if messages.url is None:
                return None
            if messages.fallback is None:
                return Conclusion(Outcome.FAIL, f"no fallback URL for messages is set in {number.region}", fact)
            first, second = host_of(messages.url), host_of(messages.fallback)
            if first is None or second is None:
                why = f"a URL for messages in {number.region} names no host that could be compared"
                return Conclusion(Outcome.UNKNOWN, why, fact)
            if first == second:
                why = f"the fallback URL for messages in {number.region} is on its primary's host, {first}"
                return Conclusion(Outcome.FAIL, why, fact)
            return Conclusion(Outcome.PASS, f"messages fall back to {second} in {number.region}", fact)


check = Check(
    title="Every number that takes messages has a fallback URL for them on another host",
    why="When the message URL fails and there is no fallback, an error is logged and the message is not answered."
    " Callers"
    " who were sent a text to answer with wait for nothing.",
    fix="Set SmsFallbackUrl in {region}, on what takes the messages, to a host that shares nothing with the primary.",
    source="https://www.twilio.com/docs/usage/security/availability-reliability",
    severity=Severity.ONE_FAILURE_AWAY,
    over=messages_in_both,
    judge=judge,
    area=Area.WEBHOOKS,
    stage=Stage.IN_REGION,
)
