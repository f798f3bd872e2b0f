"""The one lever of a cutover has been pulled, without moving anything, from the side that survives."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Observed, Unobserved
from voicedr.program.readiness.subjects import Case, the_flow


def judge(case: Case) -> Conclusion:
    """Pass if a route was written to itself through the standby's host; fail if refused; unknown if not tried."""
    here = case.flow.standby
    match case.standby_route_write:
        case Unobserved(reason, refused=True):
            return Conclusion(Outcome.FAIL, f"{here} refused to write a route: {reason}")
        case Unobserved(reason):
            return Conclusion(Outcome.UNKNOWN, f"no route has been written through {here}: {reason}")
        case Observed(value=subject) as fact:
            return Conclusion(Outcome.PASS, f"the route of {subject} was written to itself through {here}", fact)


check = Check(
    title="Routes can be written through the standby's host",
    why="A cutover is route writes through the standby's host. If its key may not write them, nothing can be moved.",
    fix="Use a Standard key of {standby}, or give its Restricted key the right to write Inbound Processing Regions.",
    source="https://www.twilio.com/docs/global-infrastructure/inbound-processing-api",
    severity=Severity.CANNOT_MOVE,
    over=the_flow,
    judge=judge,
    area=Area.MOVING,
    stage=Stage.CROSS_REGION,
)
