"""There is a way that needs no route write."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.declared import About
from voicedr.program.readiness.said import Unsaid
from voicedr.program.readiness.subjects import Case, the_flow
from voicedr.program.readiness.views.forms import texts


def judge(case: Case) -> Conclusion:
    """Pass if somebody says it, with their name and its end; unknown if nobody does."""
    said = case.said(About.SECOND_WAY)
    if isinstance(said, Unsaid):
        return Conclusion(Outcome.UNKNOWN, said.reason)
    if not texts(said.value):
        return Conclusion(
            Outcome.FAIL, f"{said.owner} declared {About.SECOND_WAY.value} and wrote nothing there", said=said
        )
    return Conclusion(Outcome.PASS, f"somebody says: {texts(said.value)[0]}", said=said)


check = Check(
    title="There is a second way to the standby that needs no route write",
    why="Whether routes can be written while the primary is down is not documented. A reroute at the carrier or at"
    " the SBC does not depend on it.",
    fix="Arrange a reroute with the carrier or on the SBC, rehearse it, and declare it as second-way in the workbook.",
    source="https://www.twilio.com/docs/global-infrastructure/inbound-processing-api",
    severity=Severity.CANNOT_MOVE,
    over=the_flow,
    judge=judge,
    area=Area.MOVING,
    stage=Stage.CROSS_REGION,
)
