"""The standby's credentials still hold when they are needed."""

from datetime import date, timedelta

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.declared import About
from voicedr.program.readiness.said import Unsaid
from voicedr.program.readiness.subjects import Case, the_flow
from voicedr.program.readiness.views.credentials import at_of
from voicedr.program.readiness.views.forms import of_region

HORIZON = timedelta(days=30)
"""Time to make new ones, try them and release them. A rule of ours: the provider's keys do not end by themselves."""


def judge(case: Case) -> Conclusion:
    """Pass if somebody says an end that is far enough, or ``never``; unknown if nobody says one."""
    said = case.said(About.REGIONAL_SECRETS)
    if isinstance(said, Unsaid):
        return Conclusion(Outcome.UNKNOWN, said.reason)
    entry = of_region(said.value, case.flow.standby)
    ends = entry.get("expires") if isinstance(entry, dict) else None
    if ends == "never":
        return Conclusion(Outcome.PASS, f"{case.flow.standby}'s never end", said=said)
    day = _day(ends)
    if day is None:
        return Conclusion(Outcome.UNKNOWN, f"nobody has declared when {case.flow.standby}'s end (expires)")
    if day < (at_of(case) + HORIZON).date():
        return Conclusion(Outcome.FAIL, f"{case.flow.standby}'s end on {day}", said=said)
    return Conclusion(Outcome.PASS, f"{case.flow.standby}'s hold until {day}", said=said)


def _day(value: object) -> date | None:
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


check = Check(
    title="The standby's credentials hold for at least 30 days more",
    why="Credentials of a Region that is never used are rotated last and missed first.",
    fix="Rotate {standby}'s credentials now, and declare their new end as expires under regional-secrets.",
    source="https://www.twilio.com/docs/global-infrastructure/manage-regional-api-credentials",
    severity=Severity.CANNOT_MOVE,
    over=the_flow,
    judge=judge,
    area=Area.CREDENTIALS,
    stage=Stage.ISOLATION,
)
