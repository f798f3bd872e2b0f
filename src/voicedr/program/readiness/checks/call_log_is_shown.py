"""The standby's call log can be read: arrival is proved by it."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Unobserved
from voicedr.program.readiness.views.observability import Shown, shown_by


def judge(one: Shown) -> Conclusion:
    """Pass if the standby showed it to its own key; fail if it refused to; unknown if it could not be asked."""
    match one.lines:
        case Unobserved(reason, refused=True):
            return Conclusion(Outcome.FAIL, f"{one.region} refused to show it: {reason}")
        case Unobserved(reason):
            return Conclusion(Outcome.UNKNOWN, f"{one.region} was not seen to show it: {reason}")
        case fact:
            return Conclusion(Outcome.PASS, f"{one.region} shows it to its own key", fact)


check = Check(
    title="The standby shows its call log to its own key",
    why="A call is in the log of the Region that handled it and in no other. Without that log nobody can prove that"
    " callers arrive.",
    fix="Give the key of {standby} the right to read calls, or use a Standard key.",
    source="https://www.twilio.com/docs/global-infrastructure/understanding-twilio-regions",
    severity=Severity.CANNOT_MOVE,
    over=shown_by("call log"),
    judge=judge,
    area=Area.PROVIDER_OBSERVABILITY,
    stage=Stage.ISOLATION,
)
