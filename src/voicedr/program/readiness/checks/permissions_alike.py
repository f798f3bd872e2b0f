"""The standby may call what the primary may call, and nothing more."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Unobserved
from voicedr.program.readiness.subjects import Case, the_flow

FIELDS = ("low_risk_numbers_enabled", "high_risk_special_numbers_enabled", "high_risk_tollfraud_numbers_enabled")
SHOWN_MAX = 5


def judge(case: Case) -> Conclusion:
    """Pass if every country has the same permissions in both; unknown if one of the Regions could not be read."""
    here, there = (case.snapshot.every(region, "dialing-country") for region in (case.flow.standby, case.flow.primary))
    if isinstance(here, Unobserved) or isinstance(there, Unobserved):
        reason = here.reason if isinstance(here, Unobserved) else there.reason if isinstance(there, Unobserved) else ""
        return Conclusion(Outcome.UNKNOWN, f"dialing permissions could not be compared: {reason}")
    if not here.value or not there.value:
        return Conclusion(Outcome.UNKNOWN, "dialing permissions could not be compared: a Region showed no country")
    mine, theirs = (
        {one.fields.get("iso_code"): tuple(one.fields.get(name) is True for name in FIELDS) for one in every.value}
        for every in (here, there)
    )
    differ = sorted(str(iso) for iso in mine.keys() | theirs.keys() if mine.get(iso) != theirs.get(iso))
    if differ:
        more = f" and {len(differ) - SHOWN_MAX} more" if len(differ) > SHOWN_MAX else ""
        return Conclusion(Outcome.FAIL, f"not as in the primary: {', '.join(differ[:SHOWN_MAX])}{more}", here)
    return Conclusion(Outcome.PASS, f"{len(mine)} countries are permitted as in the primary", here)


check = Check(
    title="Dialing permissions of the standby are the primary's",
    why="Less, and calls are refused after the move; more, and a stolen key can call there at the account's cost.",
    fix="Set the permissions that differ in {standby} as in {primary}.",
    source="https://www.twilio.com/docs/voice/api/dialing-permissions-resources",
    severity=Severity.DRIFT,
    over=the_flow,
    judge=judge,
    area=Area.CAPACITY,
    stage=Stage.CROSS_REGION,
)
