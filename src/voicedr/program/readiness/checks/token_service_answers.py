"""Every token service gives a token when it is asked for one of the standby."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Unobserved
from voicedr.program.readiness.views.credentials import MintedToken, minted_tokens


def judge(minted: MintedToken) -> Conclusion:
    """Pass if it gave one with a grant for voice; unknown if it was not asked."""
    match minted.answer:
        case Unobserved(reason):
            return Conclusion(Outcome.UNKNOWN, f"nobody knows what it gives: {reason}")
        case fact if fact.value.token is None:
            return Conclusion(Outcome.FAIL, f"it {fact.value.problem}", fact)
        case fact if not fact.value.token.has_voice:
            return Conclusion(Outcome.FAIL, "its token grants nothing of voice", fact)
        case fact:
            return Conclusion(Outcome.PASS, f"it gives a token of {minted.region} when asked for one", fact)


check = Check(
    title="Every token service gives an access token for the standby when asked",
    why="Without a token no Voice SDK client connects: agents stay dark although the numbers have moved.",
    fix="Let the service mint for the Region that is asked for (parameter region={standby}), then check again.",
    source="https://www.twilio.com/docs/iam/access-tokens",
    severity=Severity.REACHES_NOBODY,
    over=minted_tokens,
    judge=judge,
    area=Area.CREDENTIALS,
    stage=Stage.CROSS_REGION,
)
