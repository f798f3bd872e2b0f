"""Everybody in the decision chain answered a test call not long ago."""

from datetime import timedelta

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.said import Unsaid
from voicedr.program.readiness.views.people import PersonOf, people

RECENT = timedelta(days=90)
"""A quarter, the rhythm of table-top exercises. A rule of ours."""


def judge(one: PersonOf) -> Conclusion:
    """Pass if somebody says a day that is near enough; unknown if nobody says one."""
    if one.person is None:
        return Conclusion(Outcome.FAIL, "nobody in the workbook has a role of this flow", one.seen)
    if isinstance(one.reached, Unsaid):
        return Conclusion(Outcome.UNKNOWN, one.reached.reason)
    on = one.reached_on
    if on is None or on > one.today:
        return Conclusion(Outcome.UNKNOWN, f"{one.reached.owner} declared no day on which they answered")
    if one.today - on > RECENT:
        return Conclusion(
            Outcome.FAIL, f"they answered last on {on}, more than {RECENT.days} days ago", said=one.reached
        )
    return Conclusion(Outcome.PASS, f"they answered on {on}", said=one.reached)


check = Check(
    title="Everybody in the decision chain answered a test call within 90 days",
    why="Numbers change, telephones are muted at night. That is found out by calling.",
    fix="Call everybody at the hour they are on, and declare the day under people-reached.",
    source="https://www.twilio.com/docs/global-infrastructure/localized-uris/regional-migration-best-practices",
    severity=Severity.LATE,
    over=people,
    judge=judge,
    area=Area.SCOPE,
    stage=Stage.CROSS_REGION,
)
