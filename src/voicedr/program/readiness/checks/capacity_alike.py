"""No limit is lower in the standby than in the primary."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.said import Unsaid
from voicedr.program.readiness.views.capacity import Figures, every_figure


def judge(one: Figures) -> Conclusion:
    """Pass if what was declared for the standby is at least the primary's; unknown if nobody says one of them."""
    if isinstance(one.capacity, Unsaid):
        return Conclusion(Outcome.UNKNOWN, one.capacity.reason)
    if one.here is None or one.there is None:
        region = one.region if one.here is None else one.primary
        return Conclusion(Outcome.UNKNOWN, f"nobody has declared what {region} has")
    words = f"{one.here:g} in {one.region}, {one.there:g} in {one.primary}"
    return Conclusion(Outcome.PASS if one.here >= one.there else Outcome.FAIL, words, said=one.capacity)


check = Check(
    title="Every limit of the standby is at least the primary's",
    why="A trunk has one call a second in each Region until somebody asks for more, and what was raised for the primary"
    " need not count in the standby.",
    fix="Ask the provider for the same limits in {standby}, and declare them under capacity.",
    source="https://www.twilio.com/docs/glossary/what-is-calls-per-second-cps",
    severity=Severity.LATE,
    over=every_figure,
    judge=judge,
    area=Area.CAPACITY,
    stage=Stage.CROSS_REGION,
)
