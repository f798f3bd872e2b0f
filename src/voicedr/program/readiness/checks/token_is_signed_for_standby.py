"""A token of the standby is signed with a key of the standby."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Observed, Unobserved
from voicedr.program.readiness.views.credentials import MintedToken, minted_tokens


def judge(minted: MintedToken) -> Conclusion | None:
    """Pass if a key of the standby signed it, fail if one of another Region did, unknown if nobody knows the key."""
    match minted.token:
        case Unobserved(reason):
            return Conclusion(Outcome.UNKNOWN, reason)
        case fact:
            token = fact.value
    if token.signature == "bad":
        return Conclusion(
            Outcome.FAIL, f"it names {token.signed_by}'s key, and that key's secret did not sign it", fact
        )
    if token.signed_by is not None and _is_shared(minted):
        why = (
            f"the workbook gives the same key for {minted.region} and another Region: whose key signed it is not known"
        )
        return Conclusion(Outcome.UNKNOWN, why, fact)
    if token.signed_by == minted.region:
        return Conclusion(Outcome.PASS, f"the workbook's key of {minted.region} signed it", fact)
    if token.signed_by is not None:
        return Conclusion(Outcome.FAIL, f"{token.signed_by}'s key signed it", fact)
    for region, outcome in ((minted.region, Outcome.PASS), (minted.case.flow.primary, Outcome.FAIL)):
        keys = minted.case.snapshot.every(region, "api-key")
        if isinstance(keys, Observed) and any(key.sid == token.issuer for key in keys.value):
            return Conclusion(outcome, f"it names a key of {region}", fact)
    why = (
        f"it names a key that is not the workbook's, and the keys of {minted.region} do not show it or cannot be listed"
    )
    return Conclusion(Outcome.UNKNOWN, why)


def _is_shared(minted: MintedToken) -> bool:
    """Whether two Regions have one key, so that its SID tells neither."""
    standing = minted.case.snapshot.application.credential(minted.region)
    return isinstance(standing, Observed) and any("api_key" in names for names in standing.value.same_as.values())


check = Check(
    title="Every token for the standby is signed with a key of the standby",
    why="Another Region's key makes a token that looks right and is refused when the client connects.",
    fix="Give the token service an API key of {standby}, and sign {standby}'s tokens with it.",
    source="https://www.twilio.com/docs/global-infrastructure/use-the-programmable-voice-javascript-sdk-with-a-non-us-twilio-region",
    severity=Severity.REACHES_NOBODY,
    over=minted_tokens,
    judge=judge,
    area=Area.CREDENTIALS,
    stage=Stage.CROSS_REGION,
)
