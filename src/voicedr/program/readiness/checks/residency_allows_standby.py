"""The rules of residency allow the standby."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.subjects import Case, the_flow
from voicedr.program.readiness.views.people import written


def judge(case: Case) -> Conclusion:
    """Pass if the standby is among the Regions that are allowed."""
    allowed = written(case, case.flow.residency)
    if case.flow.standby not in allowed.value:
        why = f"residency allows {', '.join(allowed.value) or 'nothing'}, and not {case.flow.standby}"
        return Conclusion(Outcome.FAIL, why, allowed)
    return Conclusion(Outcome.PASS, f"residency allows {case.flow.standby}", allowed)


check = Check(
    title="Residency allows the standby",
    why="Calls and recordings stay in the Region that handled them. Where they may not be, the flow is not moved at"
    " all.",
    fix="Name another standby for {flow}, or have its residency changed by whoever owns it.",
    source="https://www.twilio.com/docs/global-infrastructure/understanding-twilio-regions",
    severity=Severity.CANNOT_MOVE,
    over=the_flow,
    judge=judge,
    area=Area.SCOPE,
    stage=Stage.CROSS_REGION,
)
