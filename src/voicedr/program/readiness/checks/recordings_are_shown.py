"""Recordings and transcriptions of the standby can be read."""

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
    title="The standby shows recordings and transcriptions to its own key",
    why="They stay in the Region that made them. Whoever looks for them in the primary finds nothing, and what must"
    " be kept is not brought home.",
    fix="Give the key of {standby} the right to read recordings and transcriptions.",
    source="https://www.twilio.com/docs/global-infrastructure/understanding-twilio-regions",
    severity=Severity.DRIFT,
    over=shown_by("recordings", "transcriptions"),
    judge=judge,
    area=Area.PROVIDER_OBSERVABILITY,
    stage=Stage.ISOLATION,
)
