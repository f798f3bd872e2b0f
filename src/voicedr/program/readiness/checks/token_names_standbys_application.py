"""What a token lets a client do exists in the standby."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Unobserved
from voicedr.program.readiness.views.credentials import MintedToken, minted_tokens


def judge(minted: MintedToken) -> Conclusion | None:
    """Pass if the account is ours and the TwiML App is the standby's; unknown if that was not seen."""
    match minted.token:
        case Unobserved(reason):
            return Conclusion(Outcome.UNKNOWN, reason)
        case fact:
            token = fact.value
    case = minted.case
    if token.account_sid != case.snapshot.account_sid:
        return Conclusion(Outcome.FAIL, "it is for another account", fact)
    if token.application_sid is None:
        return None
    every = case.snapshot.every(minted.region, "application")
    if isinstance(every, Unobserved):
        return Conclusion(Outcome.UNKNOWN, f"the TwiML Apps of {minted.region} could not be read: {every.reason}")
    if all(one.sid != token.application_sid for one in every.value):
        return Conclusion(Outcome.FAIL, f"{minted.region} has no TwiML App of the SID that it names", fact)
    return Conclusion(Outcome.PASS, f"the TwiML App that it names is in {minted.region}", fact)


check = Check(
    title="Every token for the standby is of this account and names a TwiML App that exists in the standby",
    why="A client whose token names the primary's TwiML App connects, and every call it makes fails.",
    fix="Put the SID of {standby}'s TwiML App into the outgoing grant of {standby}'s tokens.",
    source="https://www.twilio.com/docs/global-infrastructure/use-the-programmable-voice-javascript-sdk-with-a-non-us-twilio-region",
    severity=Severity.CUT_OFF,
    over=minted_tokens,
    judge=judge,
    area=Area.CREDENTIALS,
    stage=Stage.CROSS_REGION,
)
