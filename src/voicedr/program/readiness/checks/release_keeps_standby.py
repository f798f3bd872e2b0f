"""What is released to the primary reaches the standby."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.declared import About
from voicedr.program.readiness.said import Unsaid
from voicedr.program.readiness.subjects import Case, the_flow
from voicedr.program.readiness.views.forms import texts


def judge(case: Case) -> Conclusion:
    """Pass if somebody says it, with their name and its end; unknown if nobody does."""
    said = case.said(About.RELEASE_PROCESS)
    if isinstance(said, Unsaid):
        return Conclusion(Outcome.UNKNOWN, said.reason)
    if not texts(said.value):
        return Conclusion(
            Outcome.FAIL, f"{said.owner} declared {About.RELEASE_PROCESS.value} and wrote nothing there", said=said
        )
    return Conclusion(Outcome.PASS, f"somebody says: {texts(said.value)[0]}", said=said)


check = Check(
    title="A release to the primary reaches the standby through the same process",
    why="A standby that was once right drifts with every release, and is wrong on the day it is needed.",
    fix="Run voicedr sync --check in the release job, and declare that job as release-process in the workbook.",
    source="https://www.twilio.com/docs/global-infrastructure/localized-uris/regional-migration-best-practices",
    severity=Severity.DRIFT,
    over=the_flow,
    judge=judge,
    area=Area.SCOPE,
    stage=Stage.CROSS_REGION,
)
