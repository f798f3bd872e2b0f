"""How anybody will know that it worked is written down before."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.subjects import Case, the_flow
from voicedr.program.readiness.views.people import written


def judge(case: Case) -> Conclusion:
    """Pass if there is one."""
    fact = written(case, case.flow.success)
    if not fact.value:
        return Conclusion(Outcome.FAIL, "nothing is written under success", fact)
    return Conclusion(Outcome.PASS, f"{len(fact.value)} measures of success", fact)


check = Check(
    title="Measures of success are written down",
    why="Proof that rests on measures made up afterwards proves nothing.",
    fix="Write what proves success of {flow} under success in the workbook.",
    source="https://www.twilio.com/docs/global-infrastructure/localized-uris/regional-migration-best-practices",
    severity=Severity.DRIFT,
    over=the_flow,
    judge=judge,
    area=Area.SCOPE,
    stage=Stage.CROSS_REGION,
)
