"""What the application needs survives the loss of one of it."""

from collections.abc import Mapping

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.said import Unsaid
from voicedr.program.readiness.views.web_application import Dependency, dependencies


def judge(dependency: Dependency) -> Conclusion:
    """Pass if it is declared to have two instances, or to fail over, in two places; unknown if nobody declared it."""
    said = dependency.said
    if isinstance(said, Unsaid):
        return Conclusion(Outcome.UNKNOWN, said.reason)
    if not dependency.what:
        if said.value == {}:
            return Conclusion(Outcome.PASS, "declared to need nothing else", None, said)
        return Conclusion(Outcome.UNKNOWN, "what was declared about dependencies cannot be read", None, said)
    if not isinstance(dependency.how, Mapping):
        return Conclusion(Outcome.UNKNOWN, "how it survives was not declared", None, said)
    many = _whole(dependency.how.get("instances"))
    fails_over = dependency.how.get("fails_over") is True
    listed = dependency.how.get("places")
    places = {str(place).strip().lower() for place in listed} if isinstance(listed, list | tuple) else set()
    if many < 2 and not fails_over:
        return Conclusion(Outcome.FAIL, f"declared: {many} instance, and it does not fail over", None, said)
    if len(places) < 2:
        return Conclusion(Outcome.FAIL, f"declared: all of it in {len(places)} place", None, said)
    how = "fails over" if fails_over else f"{many} instances"
    return Conclusion(Outcome.PASS, f"declared: {how}, in {len(places)} places", None, said)


def _whole(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


check = Check(
    title="Everything that the application depends on has a second one in another place",
    why="The database, cache or speech service that every call needs takes every call with it, however many"
    " instances of"
    " the application there are.",
    fix="Give it a second instance in another place, with a failover that was tried, or let the application do"
    " without.",
    source="https://www.twilio.com/docs/voice/twilio-voice-failover-best-practices",
    severity=Severity.ONE_FAILURE_AWAY,
    over=dependencies,
    judge=judge,
    area=Area.APPLICATION,
    stage=Stage.IN_REGION,
)
