"""A token wakes mobile clients through the standby's push credential."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.declared import About
from voicedr.program.readiness.facts import Unobserved
from voicedr.program.readiness.said import Unsaid
from voicedr.program.readiness.views.credentials import MintedToken, minted_tokens
from voicedr.program.readiness.views.forms import of_region, texts


def judge(minted: MintedToken) -> Conclusion | None:
    """Pass if it names one that was declared for the standby; unknown if none is declared. None where it names none."""
    match minted.token:
        case Unobserved(reason):
            return Conclusion(Outcome.UNKNOWN, reason)
        case fact:
            token = fact.value
    if token.push_credential_sid is None:
        return None
    said = minted.case.said(About.PUSH_CREDENTIALS)
    if isinstance(said, Unsaid):
        return Conclusion(Outcome.UNKNOWN, said.reason)
    if token.push_credential_sid not in texts(of_region(said.value, minted.region)):
        return Conclusion(
            Outcome.FAIL, f"it names a push credential that nobody declared for {minted.region}", fact, said
        )
    return Conclusion(Outcome.PASS, f"it names a push credential declared for {minted.region}", fact, said)


check = Check(
    title="Every token for the standby names a push credential of the standby",
    why="A telephone that is woken through another Region's push credential is not woken at all.",
    fix="Put the SID of {standby}'s push credential into {standby}'s tokens, and declare it as push-credentials.",
    source="https://www.twilio.com/docs/global-infrastructure/localized-uris/regional-migration-best-practices",
    severity=Severity.REACHES_NOBODY,
    over=minted_tokens,
    judge=judge,
    area=Area.CREDENTIALS,
    stage=Stage.CROSS_REGION,
)
