"""Somebody has read what the numbers' bundles say about the standby."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.declared import About
from voicedr.program.readiness.said import Unsaid
from voicedr.program.readiness.subjects import Case, the_flow
from voicedr.program.readiness.views.forms import texts


def judge(case: Case) -> Conclusion:
    """Pass if somebody says it, with their name and its end; unknown if nobody does."""
    said = case.said(About.REGULATORY)
    if isinstance(said, Unsaid):
        return Conclusion(Outcome.UNKNOWN, said.reason)
    if not texts(said.value):
        return Conclusion(
            Outcome.FAIL, f"{said.owner} declared {About.REGULATORY.value} and wrote nothing there", said=said
        )
    return Conclusion(Outcome.PASS, f"somebody says: {texts(said.value)[0]}", said=said)


check = Check(
    title="Somebody has looked up that the numbers may be served from the standby",
    why="Rules of some countries say where calls may be handled. That is found out before a disaster, or callers pay"
    " for it.",
    fix="Read what bundles, addresses and contracts say, and declare it as regulatory in the workbook.",
    source="https://www.twilio.com/docs/phone-numbers/regulatory",
    severity=Severity.DRIFT,
    over=the_flow,
    judge=judge,
    area=Area.NUMBERS,
    stage=Stage.CROSS_REGION,
)
