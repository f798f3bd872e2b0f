"""The application has credentials of the standby, in a place of their own."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.declared import About
from voicedr.program.readiness.said import Unsaid
from voicedr.program.readiness.subjects import Case, the_flow
from voicedr.program.readiness.views.forms import of_region


def judge(case: Case) -> Conclusion:
    """Pass if somebody says where, for both Regions and not the same place; unknown if nobody says."""
    said = case.said(About.REGIONAL_SECRETS)
    if isinstance(said, Unsaid):
        return Conclusion(Outcome.UNKNOWN, said.reason)
    places = {region: where(of_region(said.value, region)) for region in (case.flow.standby, case.flow.primary)}
    if lacking := [region for region, place in places.items() if not place]:
        return Conclusion(Outcome.FAIL, f"no place is named for {' and '.join(lacking)}", said=said)
    if len(set(places.values())) == 1:
        return Conclusion(Outcome.FAIL, "both Regions' credentials are read from one place", said=said)
    return Conclusion(Outcome.PASS, f"the application reads {case.flow.standby}'s from a place of its own", said=said)


def where(entry: object) -> str:
    """The place that was declared, as text or as ``where`` of a mapping; empty if there is none."""
    found = entry.get("where") if isinstance(entry, dict) else entry
    return found if isinstance(found, str) else ""


check = Check(
    title="The application reads each Region's credentials from a place of its own",
    why="An application that knows one key can work in one Region. After the move its REST calls are refused.",
    fix="Give the application {standby}'s credentials beside {primary}'s, and declare both places as regional-secrets.",
    source="https://www.twilio.com/docs/global-infrastructure/manage-regional-api-credentials",
    severity=Severity.CUT_OFF,
    over=the_flow,
    judge=judge,
    area=Area.CREDENTIALS,
    stage=Stage.ISOLATION,
)
