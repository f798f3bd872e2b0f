"""The application survives the loss of one place."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.declared import About
from voicedr.program.readiness.said import Unsaid
from voicedr.program.readiness.subjects import Case, the_flow


def judge(case: Case) -> Conclusion:
    """Pass if at least two instances are declared, in at least two places; unknown if nobody declared any."""
    said = case.said(About.APPLICATION_INSTANCES)
    if isinstance(said, Unsaid):
        return Conclusion(Outcome.UNKNOWN, said.reason)
    declared = said.value if isinstance(said.value, dict) else {}
    places = {" ".join(str(place).lower().split()) for place in declared.values() if str(place or "").strip()}
    counts = f"{len(declared)} instances in {len(places)} places"
    if len(declared) >= 2 and len(places) >= 2:
        return Conclusion(Outcome.PASS, f"declared: {counts}", None, said)
    return Conclusion(Outcome.FAIL, f"declared: {counts}; two in two are needed", None, said)


check = Check(
    title="The application has at least two instances in at least two places",
    why="One instance, or all instances in one zone, is one failure away from the fallback for every caller.",
    fix="Run a second instance of {flow}'s application in another zone or Region, and declare both.",
    source="https://www.twilio.com/docs/voice/twilio-voice-failover-best-practices",
    severity=Severity.ONE_FAILURE_AWAY,
    over=the_flow,
    judge=judge,
    area=Area.APPLICATION,
    stage=Stage.IN_REGION,
)
