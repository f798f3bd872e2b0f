"""Evidence ages: a fact that is too old is no fact."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TypeVar

import msgspec

from voicedr.program.readiness.facts import Fact, Unobserved
from voicedr.program.readiness.snapshot import RegionFacts, Snapshot

T = TypeVar("T")

EVIDENCE_AGE_S_MAX = 24 * 3600.0
"""Older facts count as not seen. A day, because releases are daily at best; a rule of ours, not of the provider."""


def fresh(snapshot: Snapshot, now: datetime, age_s_max: float = EVIDENCE_AGE_S_MAX) -> Snapshot:
    """The snapshot as it may be judged at ``now``: every fact older than ``age_s_max`` is unobserved."""
    oldest = now - timedelta(seconds=age_s_max)

    def young(fact: Fact[T]) -> Fact[T]:
        if isinstance(fact, Unobserved) or fact.at >= oldest:
            return fact
        hours, allowed = (now - fact.at).total_seconds() / 3600, age_s_max / 3600
        return Unobserved(f"seen {hours:.0f} h ago in {fact.source}; what is older than {allowed:g} h does not count")

    def young_region(facts: RegionFacts) -> RegionFacts:
        return RegionFacts(
            credential=young(facts.credential),
            numbers=young(facts.numbers),
            applications=young(facts.applications),
            trunks=young(facts.trunks),
            sip_domains=young(facts.sip_domains),
            route_write=young(facts.route_write),
            estate={kind: young(fact) for kind, fact in facts.estate.items()},
        )

    return msgspec.structs.replace(
        snapshot,
        regions={region: young_region(facts) for region, facts in snapshot.regions.items()},
        routes={key: young(fact) for key, fact in snapshot.routes.items()},
        webhooks={url: young(fact) for url, fact in snapshot.webhooks.items()},
        application=snapshot.application.aged(young),
        sip=snapshot.sip.aged(young),
        web=snapshot.web.aged(young),
    )
