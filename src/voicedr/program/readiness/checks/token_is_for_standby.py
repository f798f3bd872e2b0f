"""A token of the standby says so."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Unobserved
from voicedr.program.readiness.views.credentials import MintedToken, minted_tokens


def judge(minted: MintedToken) -> Conclusion | None:
    """Pass if its header names the standby; unknown if no token was seen."""
    match minted.token:
        case Unobserved(reason):
            return Conclusion(Outcome.UNKNOWN, reason)
        case fact:
            token = fact.value
    if token.region != minted.region:
        return Conclusion(Outcome.FAIL, f"asked for a token of {minted.region}, it gives one of {token.region}", fact)
    return Conclusion(Outcome.PASS, f"its token is of {minted.region}", fact)


check = Check(
    title="Every token service names the standby in the tokens it gives for it",
    why="A client goes where its token's header (twr) says, and to us1 if it says nothing. Callers in the standby"
    " reach only clients that are there.",
    fix="Mint with the Region {standby} (the library's region parameter), with {standby}'s key.",
    source="https://www.twilio.com/docs/global-infrastructure/use-the-programmable-voice-javascript-sdk-with-a-non-us-twilio-region",
    severity=Severity.REACHES_NOBODY,
    over=minted_tokens,
    judge=judge,
    area=Area.CREDENTIALS,
    stage=Stage.CROSS_REGION,
)
