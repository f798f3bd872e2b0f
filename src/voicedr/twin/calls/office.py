"""The central office: what all calls of one world share while they are live."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

from voicedr.twin import faults
from voicedr.twin.world.model import Alert, Party, RegionStore, World

ALERTS_MAX = 200_000
"""Alerts kept per Region; the oldest are dropped. At 500 bytes each this is 100 MB at worst."""

QUEUES_MAX = 10_000
"""Queues kept; beyond it those in which nobody waits are forgotten."""

QUEUE_MAX = 1000
"""Callers in one queue (https://www.twilio.com/docs/voice/twiml/enqueue)."""


@dataclass(slots=True)
class Queue:
    """A queue of callers, made by the first Enqueue that names it."""

    sid: str
    waiting: list[str] = field(default_factory=list)
    """Call SIDs, the front one first."""
    waited_s: float = 0.0
    served: int = 0


@dataclass(slots=True)
class Office:
    """The world, the time now, and the queues.

    Attributes:
        now: Seconds since the epoch. The switchboard sets it before it resumes a script.
    """

    world: World
    now: float = 0.0
    queues: dict[tuple[str, str], Queue] = field(default_factory=dict)
    turns: dict[str, float] = field(default_factory=dict)
    """When the next queued REST call of a Region may start."""

    def store(self, region: str) -> RegionStore:
        """A Region's store."""
        return self.world.regions[region]

    def queue(self, region: str, name: str) -> Queue:
        """The queue of this name in this Region; made if there is none."""
        found = self.queues.get((region, name))
        if found is None:
            if len(self.queues) >= QUEUES_MAX:
                self.queues = {key: queue for key, queue in self.queues.items() if queue.waiting}
            found = self.queues[(region, name)] = Queue(self.world.mint("QU"))
        return found

    def take_turn(self, region: str) -> float:
        """Seconds that a REST call has to wait in this Region's queue; its turn is taken by asking."""
        turn_at = max(self.now, self.turns.get(region, 0.0))
        self.turns[region] = turn_at + 1.0 / max(self.world.settings.calls_per_second, 1e-3)
        return turn_at - self.now

    def alert(
        self,
        region: str,
        code: int,
        text: str,
        *,
        resource_sid: str = "",
        url: str = "",
        method: str = "",
        level: Literal["error", "warning"] = "error",
        variables: str = "",
        response_headers: str = "",
        response_body: str = "",
    ) -> None:
        """Put a line into a Region's alert feed."""
        feed = self.store(region).alerts
        if len(feed) >= ALERTS_MAX:
            del feed[: ALERTS_MAX // 10]
        feed.append(
            Alert(
                sid=self.world.mint("NO"),
                error_code=str(code),
                log_level=level,
                resource_sid=resource_sid,
                request_url=url,
                request_method=method,
                alert_text=text,
                at=self.now,
                request_variables=variables,
                response_headers=response_headers,
                response_body=response_body,
            )
        )

    def party(self, address: str) -> Party:
        """Who is at an address now: as configured, or somebody who answers, unless a fault keeps them from it.

        A SIP address is looked up as it stands, then without parameters and headers, then by host alone.
        """
        known = next((self.world.parties[key] for key in addresses(address) if key in self.world.parties), Party())
        for key in addresses(address):
            effect = faults.party(self.world, key, self.now)
            if effect is not None and not effect.answers:
                return Party(answers=False)
            if effect is not None:
                return Party(True, known.after_s, False, known.talks_s)
        return known


def addresses(address: str) -> list[str]:
    """The names an address may be known by, the most exact first.

    ``sip:+1415@sbc1.acme.example:5060;transport=tls`` is also ``sip:+1415@sbc1.acme.example:5060``,
    ``sip:sbc1.acme.example:5060``, ``sip:sbc1.acme.example`` and ``sbc1.acme.example``.
    """
    scheme, colon, rest = address.partition(":")
    if not colon or scheme.lower() not in {"sip", "sips"}:
        return [address]
    bare = rest.split(";", 1)[0].split("?", 1)[0]
    host_port = bare.rpartition("@")[2]
    try:
        host = urlsplit(f"//{host_port}").hostname or host_port
    except ValueError:
        host = host_port
    return list(dict.fromkeys([address, f"sip:{bare}", f"sip:{host_port}", f"sip:{host}", host]))
