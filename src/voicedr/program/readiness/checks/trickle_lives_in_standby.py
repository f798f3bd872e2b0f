"""A few numbers live in the standby all the year and prove it with every call."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Unobserved
from voicedr.program.readiness.subjects import Case, the_flow
from voicedr.program.readiness.views.people import written


def judge(case: Case) -> Conclusion:
    """Pass if there are some and each is routed there; unknown if a route could not be read."""
    trickle = written(case, case.flow.trickle)
    if not trickle.value:
        return Conclusion(Outcome.FAIL, f"no number lives in {case.flow.standby}", trickle)
    for subject in trickle.value:
        match case.snapshot.route_of(subject):
            case Unobserved(reason):
                return Conclusion(Outcome.UNKNOWN, f"where {subject} is could not be read: {reason}")
            case fact if fact.value != case.flow.standby:
                return Conclusion(Outcome.FAIL, f"{subject} is routed to {fact.value}", fact)
    return Conclusion(Outcome.PASS, f"{len(trickle.value)} of its entry points live in {case.flow.standby}", trickle)


check = Check(
    title="Some entry points live in the standby all the year",
    why="A standby without calls is known to work on the day of the last drill. One that takes a few calls every day"
    " is known to work today.",
    fix="Move a few numbers that matter little to {standby} for good, and name them as trickle of {flow}.",
    source="https://www.twilio.com/docs/global-infrastructure/localized-uris/regional-migration-best-practices",
    severity=Severity.DRIFT,
    over=the_flow,
    judge=judge,
    area=Area.MOVING,
    stage=Stage.CROSS_REGION,
)
