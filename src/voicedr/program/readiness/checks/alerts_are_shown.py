"""What goes wrong in the standby can be read."""

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
    title="The standby shows its errors to its own key",
    why="A gate that cannot see errors passes a standby that has them. Whether every Region has this host is not"
    " documented.",
    fix="Give the key of {standby} the right to read alerts; if {standby} does not have them, watch by the call log"
    " alone.",
    source="https://www.twilio.com/docs/usage/monitor-alert",
    severity=Severity.LATE,
    over=shown_by("alerts"),
    judge=judge,
    area=Area.PROVIDER_OBSERVABILITY,
    stage=Stage.ISOLATION,
)
