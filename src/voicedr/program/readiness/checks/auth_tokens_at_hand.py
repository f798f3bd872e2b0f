"""Webhooks of both Regions can be proved to come from the provider."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Unobserved
from voicedr.program.readiness.views.credentials import CredentialsIn, credentials_in_both


def judge(one: CredentialsIn) -> Conclusion:
    """Pass if the Auth Token could be had; fail if the workbook names none; unknown if its reference gave nothing."""
    match one.standing:
        case Unobserved(reason):
            return Conclusion(Outcome.UNKNOWN, f"the reference of its Auth Token was not looked at: {reason}")
        case fact if "auth_token" in fact.value.had:
            return Conclusion(Outcome.PASS, "its Auth Token is at hand", fact)
        case fact if "auth_token" in fact.value.unnamed:
            return Conclusion(Outcome.FAIL, "the workbook names none", fact)
        case fact:
            why = fact.value.missing.get("auth_token", "it was not had")
            return Conclusion(Outcome.UNKNOWN, f"its Auth Token: {why}")


check = Check(
    title="The Auth Token of each Region is given by reference",
    why="Webhooks are signed with an Auth Token, and people report that it is the one of the Region that handles the"
    " call. Without it nobody can try what the application says to a webhook of the standby.",
    fix="Give account.regions.{region}.auth_token in the workbook as env:NAME or file:/path.",
    source="https://www.twilio.com/docs/usage/security",
    severity=Severity.CUT_OFF,
    over=credentials_in_both,
    judge=judge,
    area=Area.CREDENTIALS,
    stage=Stage.ISOLATION,
)
