"""What each Region's alert feed has on the flow's URLs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from voicedr.program.readiness.check import Conclusion, Outcome
from voicedr.program.readiness.facts import Fact, Observed, Unobserved
from voicedr.program.readiness.outside.web import Alerted
from voicedr.program.readiness.subjects import Case
from voicedr.program.readiness.urls import without_fragment
from voicedr.program.readiness.views.web import urls_in_each
from voicedr.program.vocabulary import Region


@dataclass(frozen=True, slots=True)
class AlertsIn:
    """A Region's alerts, and the flow's URLs by what they are for. URLs are without query and fragment."""

    region: Region
    alerts: Fact[Alerted]
    primaries: frozenset[str]
    last_resorts: frozenset[str]
    """Fallbacks and disaster-recovery URLs: after them there is nothing."""

    @property
    def kind(self) -> str:
        return "Regions"

    @property
    def name(self) -> str:
        return self.region


def alerts_in_both(case: Case) -> Iterator[AlertsIn]:
    """The feed of each Region."""
    for region in (case.flow.standby, case.flow.primary):
        urls = [one for one in urls_in_each(case) if one.region == region and one.url and one.twiml]
        last = frozenset(bare(one.url) for one in urls if one.use != "voice URL")
        yield AlertsIn(
            region,
            case.snapshot.web.alerts_of(region),
            frozenset(bare(one.url) for one in urls if one.use == "voice URL") - last,
            last,
        )


def bare(url: str) -> str:
    """A URL without password, query and fragment: what an alert and a configuration have in common."""
    address = without_fragment(url).partition("?")[0]
    scheme, slashes, rest = address.partition("://")
    place, slash, path = rest.partition("/")
    return f"{scheme.lower()}{slashes}{place.rpartition('@')[2].lower()}{slash}{path}"


def said_of(feed: AlertsIn, urls: frozenset[str], what: str, hence: str) -> Conclusion:
    """Fail with the counts if any of these URLs is in the feed; unknown if the feed was not read, or not to its end."""
    match feed.alerts:
        case Unobserved(reason):
            return Conclusion(Outcome.UNKNOWN, f"the alerts of {feed.region} could not be read: {reason}")
        case Observed(value=alerted) as fact:
            by_code: dict[int, int] = {}
            for one in alerted.counts:
                if _is_below(one.url, urls):
                    by_code[one.code] = by_code.get(one.code, 0) + one.count
            least = "" if alerted.whole else "at least "
            if by_code:
                counts = ", ".join(f"{count} × {code}" for code, count in sorted(by_code.items()))
                why = f"{feed.region} had {least}{counts} on its {what} since {alerted.since:%Y-%m-%d %H:%M}Z: {hence}"
                return Conclusion(Outcome.FAIL, why, fact)
            if not alerted.whole:
                why = f"{feed.region} has more alerts than one reading takes; none of those read is on its {what}"
                return Conclusion(Outcome.UNKNOWN, why, fact)
            return Conclusion(Outcome.PASS, f"{feed.region} has no alert on its {what}", fact)


def _is_below(url: str, urls: frozenset[str]) -> bool:
    """True for one of the URLs, and for a later step of the call below it."""
    return any(url == one or url.startswith(one.rstrip("/") + "/") for one in urls)
