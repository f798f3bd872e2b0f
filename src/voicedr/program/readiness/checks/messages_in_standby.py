"""A number that takes messages at home takes them in the standby too."""

from voicedr.program.readiness.check import Area, Check, ClosedBy, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Observed, Unobserved
from voicedr.program.readiness.views.web_messages import MessagesIn, messages_in_standby


def judge(number: MessagesIn) -> Conclusion | None:
    """Pass if the standby has a message URL where the primary has one; unknown if one could not be read.

    None where the primary has none.
    """
    match (number.at_home, number.messages):
        case (Unobserved(reason), _) | (_, Unobserved(reason)):
            return Conclusion(Outcome.UNKNOWN, f"where messages go could not be read: {reason}")
        case (Observed(value=home), Observed(value=here) as fact):
            if home.url is None:
                return None
            if here.url is None:
                why = f"no URL for messages in {number.region}, and the primary has one"
                return Conclusion(Outcome.FAIL, why, fact)
            return Conclusion(Outcome.PASS, f"messages have a URL in {number.region}", fact)


check = Check(
    title="Every number that takes messages in the primary has a message URL in the standby",
    why="A number's configuration is one record per Region. Where the standby has no URL for messages, nobody"
    " answers them"
    " after the move. Where the standby is au1, which has no messages at all, this is not looked at.",
    fix="Set SmsUrl and SmsFallbackUrl in {region}, through {region}'s own API host, as they are in {primary}.",
    source="https://www.twilio.com/docs/global-infrastructure/regional-product-and-feature-availability",
    severity=Severity.DRIFT,
    over=messages_in_standby,
    judge=judge,
    area=Area.WEBHOOKS,
    stage=Stage.CROSS_REGION,
    closed_by=ClosedBy.SYNC,
)
