"""What the flow protects, and what it does not, is written down."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.subjects import Case, the_flow
from voicedr.program.readiness.views.people import written


def judge(case: Case) -> Conclusion:
    """Pass if each of the four lists has a line."""
    flow = case.flow
    lists = {name: getattr(flow, name) for name in ("must_survive", "can_degrade", "can_wait", "out_of_scope")}
    fact = written(case, lists)
    if missing := [name for name, lines in lists.items() if not lines]:
        return Conclusion(Outcome.FAIL, f"nothing is written under {', '.join(missing)}", fact)
    return Conclusion(Outcome.PASS, f"{sum(map(len, lists.values()))} lines in four lists", fact)


check = Check(
    title="What must survive, may degrade, may wait and is out of scope is written down",
    why="Without it the scope grows until no flow is prepared, and in the outage people argue about what to save.",
    fix="Write must_survive, can_degrade, can_wait and out_of_scope of {flow} in the workbook.",
    source="https://www.twilio.com/docs/global-infrastructure/localized-uris/regional-migration-best-practices",
    severity=Severity.DRIFT,
    over=the_flow,
    judge=judge,
    area=Area.SCOPE,
    stage=Stage.CROSS_REGION,
)
