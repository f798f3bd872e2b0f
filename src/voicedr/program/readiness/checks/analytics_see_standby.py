"""Figures of the business go on while the flow is in the standby."""

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.declared import About
from voicedr.program.readiness.facts import Unobserved
from voicedr.program.readiness.said import Unsaid
from voicedr.program.readiness.views.observability import Entry, declared_for_standby


def judge(entry: Entry) -> Conclusion:
    """Pass if somebody names it and, where it is a page, the page is there; unknown if nobody says, or could look."""
    if isinstance(entry.said, Unsaid):
        return Conclusion(Outcome.UNKNOWN, entry.said.reason)
    if not entry.text:
        return Conclusion(Outcome.FAIL, f"nothing is declared for {entry.region}", said=entry.said)
    seen = None
    match entry.page:
        case Unobserved(reason):
            return Conclusion(Outcome.UNKNOWN, f"whether the page is there was not seen: {reason}", said=entry.said)
        case fact if fact is not None:
            if fact.value.problem is not None:
                return Conclusion(Outcome.FAIL, f"the page {fact.value.problem}", fact, entry.said)
            seen = fact
    if entry.is_shared:
        why = f"the same is declared for both Regions and does not name {entry.region}: look whether it shows it"
        return Conclusion(Outcome.UNKNOWN, why, seen, entry.said)
    words = f"declared for {entry.region}" + (", and the page is there" if seen is not None else "")
    return Conclusion(Outcome.PASS, words, seen, entry.said)


check = Check(
    title="Analytics count the standby's calls",
    why="Calls outside us1 are in no bulk export and no event stream of us1, so reports that come from there miss"
    " them.",
    fix="Take {standby}'s calls into the figures, and declare how under analytics.",
    source="https://www.twilio.com/docs/global-infrastructure/localized-uris/regional-migration-best-practices",
    severity=Severity.DRIFT,
    over=declared_for_standby(About.ANALYTICS),
    judge=judge,
    area=Area.CUSTOMER_OBSERVABILITY,
    stage=Stage.ISOLATION,
)
