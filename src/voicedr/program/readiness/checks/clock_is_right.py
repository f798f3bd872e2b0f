"""This machine's clock is the provider's, so far as anybody can tell."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.facts import Unobserved
from voicedr.program.readiness.views.credentials import ClockOf, the_clock

SKEW_S_MAX = 60.0
"""A token is valid from one second to another. More than this, and fresh ones are refused as not valid yet."""


def judge(clock: ClockOf) -> Conclusion:
    """Pass if the provider's date is near ours; unknown if it could not be read."""
    match clock.ahead_s:
        case Unobserved(reason):
            return Conclusion(Outcome.UNKNOWN, reason)
        case fact:
            off_s = fact.value
    if abs(off_s) > SKEW_S_MAX:
        which = "ahead" if off_s > 0 else "behind"
        return Conclusion(
            Outcome.FAIL, f"this machine is {abs(off_s):.0f} s {which}; {SKEW_S_MAX:g} s are allowed", fact
        )
    return Conclusion(Outcome.PASS, f"this machine is within {SKEW_S_MAX:g} s of it", fact)


check = Check(
    title="The clock here and the provider's agree within a minute",
    why="Access tokens and approvals are judged by the clock: with a wrong one, good tokens are refused.",
    fix="Set this machine's clock (timedatectl set-ntp true), and look at the token services' clocks too.",
    source="https://www.twilio.com/docs/iam/access-tokens",
    severity=Severity.CUT_OFF,
    over=the_clock,
    judge=judge,
    area=Area.CREDENTIALS,
    stage=Stage.IN_REGION,
)
