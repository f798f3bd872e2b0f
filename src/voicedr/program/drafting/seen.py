"""What was read of an account to draft from: its Regions, its routes, and how often its numbers were called."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

import msgspec

from voicedr.program.readiness.facts import Fact, Observed, Unobserved
from voicedr.program.readiness.resources import CallRecord, Routable
from voicedr.program.readiness.snapshot import Snapshot
from voicedr.program.vocabulary import E164, US1, Region

MINUTES_OF_AN_HOUR = 60.0


class CallVolume(msgspec.Struct, frozen=True):
    """Incoming calls of one Region's log.

    Attributes:
        calls: How many came to each number.
        busiest: Calls a minute of each number, in the hour in which it had most.
        since: The oldest call that was read.
        whole: False if the log goes on further back within the time that was asked for.
    """

    calls: dict[E164, int]
    busiest: dict[E164, float]
    since: datetime | None
    whole: bool


class Seen(msgspec.Struct, frozen=True):
    """Everything that a draft is made from."""

    snapshot: Snapshot
    volumes: dict[Region, Fact[CallVolume]]

    def home_of(self, subject: Routable) -> tuple[Region, str | None]:
        """Where something lives, and what is to be said of it; us1 where nobody could look."""
        route = self.snapshot.route_of(subject)
        if isinstance(route, Unobserved):
            return US1, f"the route of {subject.name} could not be read, so it is taken as {US1}: {route.reason}"
        return route.value, None

    def rate(self, number: E164) -> float | None:
        """A number's calls a minute in its busiest hour, over all Regions; None if no log could be read."""
        read = [volume.value for volume in self.volumes.values() if isinstance(volume, Observed)]
        return sum(volume.busiest.get(number, 0.0) for volume in read) if read else None


def volume_of(calls: Iterable[CallRecord], *, whole: bool) -> CallVolume:
    """The volume of a call log: incoming legs only, a test call among them like any other."""
    count: Counter[E164] = Counter()
    hours: Counter[tuple[E164, str]] = Counter()
    since: datetime | None = None
    for call in calls:
        if call.direction != "inbound" or call.started_at is None:
            continue
        number = E164(call.to)
        count[number] += 1
        hours[number, f"{call.started_at:%Y%m%d%H}"] += 1
        since = call.started_at if since is None else min(since, call.started_at)
    busiest: dict[E164, float] = {}
    for (number, _), calls_an_hour in hours.items():
        busiest[number] = max(busiest.get(number, 0.0), calls_an_hour / MINUTES_OF_AN_HOUR)
    return CallVolume(dict(count), busiest, since, whole)
