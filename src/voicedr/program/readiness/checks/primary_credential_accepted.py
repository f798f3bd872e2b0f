"""The key of the primary works: without it nothing comes home."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Observed, Unobserved
from voicedr.program.readiness.subjects import Case, the_flow


def judge(case: Case) -> Conclusion:
    """Pass if the primary accepted its key, fail if it refused it, unknown if it could not be asked."""
    here = case.flow.primary
    facts = case.snapshot.regions.get(here)
    match Unobserved(f"{here} was not read") if facts is None else facts.credential:
        case Unobserved(reason, refused=True):
            return Conclusion(Outcome.FAIL, f"{here} refused its key: {reason}")
        case Unobserved(reason):
            return Conclusion(Outcome.UNKNOWN, f"{here} could not be asked with its key: {reason}")
        case Observed() as fact:
            return Conclusion(Outcome.PASS, f"{here} accepted its key", fact)


check = Check(
    title="The primary's own credential is accepted",
    why="The standby is compared with the primary, and the flow comes home to it, by that key.",
    fix="Make an API key in {primary} and point the workbook's reference at it.",
    source="https://www.twilio.com/docs/global-infrastructure/manage-regional-api-credentials",
    severity=Severity.DRIFT,
    over=the_flow,
    judge=judge,
    area=Area.CREDENTIALS,
    stage=Stage.ISOLATION,
)
