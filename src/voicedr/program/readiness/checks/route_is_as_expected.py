"""Everything in scope is routed where the workbook says it is on an ordinary day."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Observed, Unobserved
from voicedr.program.readiness.subjects import RoutedSubject, routed_subjects


def judge(routed: RoutedSubject) -> Conclusion:
    """Pass if the route reads as expected; unknown if it could not be read."""
    match routed.route:
        case Unobserved(reason):
            return Conclusion(Outcome.UNKNOWN, f"its route could not be read: {reason}")
        case Observed(value=region) as fact if region != routed.expected:
            return Conclusion(Outcome.FAIL, f"it is routed to {region}; the workbook expects {routed.expected}", fact)
        case Observed(value=region) as fact:
            return Conclusion(Outcome.PASS, f"it is routed to {region}", fact)


check = Check(
    title="Every entry point is routed to the Region the workbook expects",
    why="A plan made over a wrong picture moves the wrong things, and an entry point that is already elsewhere is not"
    " protected as people believe.",
    fix="Find out who moved it. Then route it to where it belongs, or change the workbook.",
    source="https://www.twilio.com/docs/global-infrastructure/inbound-processing-api",
    severity=Severity.DRIFT,
    over=routed_subjects,
    judge=judge,
    area=Area.MOVING,
    stage=Stage.CROSS_REGION,
)
