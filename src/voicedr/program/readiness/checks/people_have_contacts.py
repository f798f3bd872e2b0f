"""Everybody in the decision chain can be found."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.views.people import PersonOf, people


def judge(one: PersonOf) -> Conclusion:
    """Pass if the workbook has a contact."""
    if one.person is None:
        return Conclusion(Outcome.FAIL, "nobody in the workbook has a role of this flow", one.seen)
    if not one.person.contact:
        return Conclusion(Outcome.FAIL, "no contact is written down", one.seen)
    return Conclusion(Outcome.PASS, "a contact is written down", one.seen)


check = Check(
    title="Everybody in the decision chain has a contact in the workbook",
    why="When chat and directory are down with the rest, the number in the workbook is the only one there is.",
    fix="Write each person's telephone number as contact in the workbook's people.",
    source="https://www.twilio.com/docs/global-infrastructure/localized-uris/regional-migration-best-practices",
    severity=Severity.LATE,
    over=people,
    judge=judge,
    area=Area.SCOPE,
    stage=Stage.CROSS_REGION,
)
