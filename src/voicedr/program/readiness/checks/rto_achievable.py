"""The promise to the business can be kept with the provider's limits as they are."""

from voicedr.program.execution.forecast import forecast
from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Observed, Unobserved
from voicedr.program.readiness.subjects import Case, the_flow


def judge(case: Case) -> Conclusion:
    """Pass if even the longest course meets the RTO. Unknown if it would, but the standby could not be asked at all."""
    course = forecast(case.flow, case.account)
    takes = f"takes {_minutes(course.shortest_s)} to {_minutes(course.longest_s)} min, RTO {_minutes(course.rto_s)} min"
    if not course.reachable:
        return Conclusion(Outcome.FAIL, f"{takes} ({'; '.join(course.terms)})")
    match case.standby_credential:
        case Unobserved(reason):
            why = f"{takes} by arithmetic, but {case.flow.standby} could not be asked: {reason}"
            return Conclusion(Outcome.UNKNOWN, why)
        case Observed() as fact:
            return Conclusion(Outcome.PASS, takes, fact)


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.1f}".removesuffix(".0")


check = Check(
    title="The recovery time objective can be met even by the longest course",
    why="Propagation of up to five minutes is paid once per cohort, and each gate waits for calls. A promise that the"
    " arithmetic cannot keep is broken on the worst day.",
    fix="Use fewer cohorts, ask for fewer calls at the gates, raise the account's calls per second, or promise a longer"
    " RTO.",
    source="https://www.twilio.com/docs/global-infrastructure/inbound-processing-api",
    severity=Severity.LATE,
    over=the_flow,
    judge=judge,
    area=Area.MOVING,
    stage=Stage.CROSS_REGION,
)
