"""No function of the decision chain hangs on one person."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.views.people import FunctionOf, functions


def judge(function: FunctionOf) -> Conclusion:
    """Pass if two people or more are in it."""
    count = len(function.people.value)
    if count == 0:
        return Conclusion(Outcome.FAIL, "nobody in the workbook has the role", function.people)
    if count == 1:
        return Conclusion(Outcome.FAIL, f"only {function.people.value[0].name}: there is no deputy", function.people)
    return Conclusion(Outcome.PASS, f"{count} people", function.people)


check = Check(
    title="Every function of the decision chain has a deputy",
    why="The one person who may say it is on a plane. Callers wait until somebody else may.",
    fix="Give each role of {flow} to a second person in the workbook's people.",
    source="https://www.twilio.com/docs/global-infrastructure/localized-uris/regional-migration-best-practices",
    severity=Severity.LATE,
    over=functions,
    judge=judge,
    area=Area.SCOPE,
    stage=Stage.CROSS_REGION,
)
