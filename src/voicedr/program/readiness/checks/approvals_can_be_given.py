"""Two different people can approve."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.views.people import FunctionOf, approval


def judge(function: FunctionOf) -> Conclusion:
    """Pass if two or more are asked for and as many people can give one."""
    able = len({person.id for person in function.people.value})
    if able < function.quorum:
        why = f"{function.quorum} approvals are asked for, and {able} can give one"
        return Conclusion(Outcome.FAIL, why, function.people)
    if function.quorum < 2:
        return Conclusion(Outcome.FAIL, "one approval is enough: whoever asks may also approve", function.people)
    return Conclusion(Outcome.PASS, f"{function.quorum} of {able} people approve", function.people)


check = Check(
    title="At least two different people must approve, and can",
    why="One person under pressure moves the wrong thing. Two see more, and neither is to blame alone.",
    fix="Ask for two approvals of {flow} and give approving roles to at least two people.",
    source="https://www.twilio.com/docs/global-infrastructure/localized-uris/regional-migration-best-practices",
    severity=Severity.DRIFT,
    over=approval,
    judge=judge,
    area=Area.SCOPE,
    stage=Stage.CROSS_REGION,
)
