"""What is declared to show the standby to people: one judgement for dashboards, alarms, monitoring and the like."""

from __future__ import annotations

from voicedr.program.readiness.check import Conclusion, Outcome
from voicedr.program.readiness.facts import Unobserved
from voicedr.program.readiness.said import Unsaid
from voicedr.program.readiness.views.observability import Entry


def shows_standby(entry: Entry) -> Conclusion:
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
