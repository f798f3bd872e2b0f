"""When the flow may come home is written down."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.subjects import Case, the_flow
from voicedr.program.readiness.views.people import written


def judge(case: Case) -> Conclusion:
    """Pass if something is asked for beside the primary's health."""
    home = case.flow.failback
    rules = len(home.criteria) + home.no_open_incident + home.readiness
    fact = written(case, home)
    if not rules:
        why = f"nothing but {home.primary_healthy_for_s:g} s of health of {case.flow.primary} is asked for"
        return Conclusion(Outcome.FAIL, why, fact)
    return Conclusion(Outcome.PASS, f"{rules} criteria beside the health of {case.flow.primary}", fact)


check = Check(
    title="Criteria for the way home are written down",
    why="A flow that comes home too soon fails twice; one that never comes home costs every day.",
    fix="Write failback.criteria of {flow}, or ask there for no_open_incident or readiness.",
    source="https://www.twilio.com/docs/global-infrastructure/localized-uris/regional-migration-best-practices",
    severity=Severity.DRIFT,
    over=the_flow,
    judge=judge,
    area=Area.SCOPE,
    stage=Stage.CROSS_REGION,
)
