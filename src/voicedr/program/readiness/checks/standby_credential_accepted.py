"""The key with which everything is done on the worst day works today."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Observed, Unobserved
from voicedr.program.readiness.subjects import Case, the_flow


def judge(case: Case) -> Conclusion:
    """Pass if the standby accepted its key, fail if it refused it, unknown if it could not be asked."""
    here = case.flow.standby
    match case.standby_credential:
        case Unobserved(reason, refused=True):
            return Conclusion(Outcome.FAIL, f"{here} refused its key: {reason}")
        case Unobserved(reason):
            return Conclusion(Outcome.UNKNOWN, f"{here} could not be asked with its key: {reason}")
        case Observed(value=asked) as fact:
            return Conclusion(Outcome.PASS, f"{here} accepted its key ({asked})", fact)


check = Check(
    title="The standby's own credential is accepted",
    why="API keys and Auth Tokens belong to one Region, and another Region's key is refused. Without the standby's own"
    " key nothing can be moved and nothing can be seen.",
    fix="Make an API key in {standby} (Console, with the Region selector on {standby}) and point the workbook's"
    " reference at it.",
    source="https://www.twilio.com/docs/global-infrastructure/manage-regional-api-credentials",
    severity=Severity.CANNOT_MOVE,
    over=the_flow,
    judge=judge,
    area=Area.CREDENTIALS,
    stage=Stage.ISOLATION,
)
