"""The central office: what all calls of one world share while they are live: meetings, takings, bells."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlsplit

from voicedr.twin import faults
from voicedr.twin.calls.commands import Bell, SipDialler
from voicedr.twin.calls.exchanges import Exchanges
from voicedr.twin.calls.person import Person
from voicedr.twin.calls.phone import Phone
from voicedr.twin.faults import MediaEffect
from voicedr.twin.world.model import Alert, Conference, Party, Queue, Recording, RegionStore, World
from voicedr.wire.twiml import Element

_SIP_DOMAIN = re.compile(r"sips?:(?:[^@;?]*@)?[a-z0-9-]+\.sip(?:\.[a-z0-9-]+)?\.twilio\.com(?=[:;?.]|$)", re.IGNORECASE)

ALERTS_MAX = 200_000
"""Alerts kept per Region; the oldest are dropped. At 500 bytes each this is 100 MB at worst."""

QUEUES_MAX = 10_000
"""Queues kept per Region; beyond it the oldest in which nobody waits are forgotten."""

CONFERENCES_MAX = 50_000
"""Conferences kept per Region; beyond it the oldest that are over are forgotten."""

RECORDINGS_MAX = 200_000
"""Recordings kept per Region; the oldest are forgotten. At 300 bytes each this is 60 MB at worst."""


@dataclass(slots=True)
class Meeting:
    """A conference as long as somebody is in it.

    Attributes:
        people: Who is there, by call SID.
        callback: URL, method and events of the first noun that names a statusCallback; it holds for all.
        sequence: Of the next event.
        recording: If it is recorded, and the noun that wanted it.
        exit_beeps: Whether a call's leaving is heard by the others.
        nouns: The Conference that brought each call in.
    """

    bell: Bell = field(default_factory=Bell)
    people: dict[str, Person] = field(default_factory=dict)
    callback: tuple[str, str, tuple[str, ...]] = ("", "POST", ())
    sequence: int = 1
    recording: tuple[Recording, Element] | None = None
    exit_beeps: dict[str, bool] = field(default_factory=dict)
    nouns: dict[str, Element] = field(default_factory=dict)


@dataclass(slots=True)
class Taking:
    """An agent's call that has taken a waiting caller out of a queue.

    Attributes:
        url, method: What the caller hears before the two are connected; empty for nothing.
        stage: ``taken``, then ``talking``, then ``over``.
        phone: The agent's, if it is a real one.
    """

    agent_call_sid: str
    url: str
    method: str
    stage: str = "taken"
    bell: Bell = field(default_factory=Bell)
    phone: Phone | None = None

    def becomes(self, stage: str) -> None:
        """Go on to another stage and tell the other side."""
        self.stage = stage
        self.bell.ring()


@dataclass(slots=True)
class Office:
    """The world, the time now, and what calls have with each other.

    Attributes:
        now: Seconds since the epoch. The switchboard sets it before it resumes a script.
    """

    world: World
    now: float = 0.0
    meetings: dict[str, Meeting] = field(default_factory=dict)
    """By conference SID."""
    bells: dict[str, Bell] = field(default_factory=dict)
    """By queue SID, and by the SID of a call that waits in one."""
    taken: dict[str, Taking] = field(default_factory=dict)
    """By the waiting call's SID."""
    names: dict[tuple[str, str, str], str] = field(default_factory=dict)
    """SIDs by Region, kind and name, of what was last found under a name."""
    turns: dict[str, float] = field(default_factory=dict)
    """When the next queued REST call of a Region may start."""
    exchanges: Exchanges = field(default_factory=Exchanges)
    """The last attempts at webhooks."""
    sip: SipDialler | None = None
    """Who calls SIP equipment for real; None if it is all simulated."""
    tell: Callable[[str, Alert], None] | None = None
    """Told every alert and its Region while the account has a debugger webhook."""
    reports: int = 0
    """Alerts that the debugger webhook is being told of now."""

    def store(self, region: str) -> RegionStore:
        """A Region's store."""
        return self.world.regions[region]

    def queue(self, region: str, name: str) -> Queue | None:
        """The queue of this name in this Region, if there is one."""
        queues = self.store(region).queues
        found = queues.get(self.names.get((region, "queue", name), ""))
        if found is None or found.friendly_name != name:
            found = next((queue for queue in queues.values() if queue.friendly_name == name), None)
            if found is not None:
                self.names[(region, "queue", name)] = found.sid
        return found

    def make_queue(self, region: str, name: str) -> Queue:
        """A new queue of this name."""
        queues = self.store(region).queues
        if len(queues) >= QUEUES_MAX:
            _forget(queues, [sid for sid, queue in queues.items() if not queue.members])
        sid = self.world.mint("QU")
        made = queues[sid] = Queue(sid, name, self.now, self.now)
        return made

    def conference(self, region: str, name: str) -> Conference:
        """The conference of this name that lasts in this Region; made if there is none."""
        conferences = self.store(region).conferences
        found = conferences.get(self.names.get((region, "conference", name), ""))
        if found is None or found.status == "completed":
            if len(conferences) >= CONFERENCES_MAX:
                _forget(conferences, [sid for sid, one in conferences.items() if one.status == "completed"])
            sid = self.world.mint("CF")
            found = conferences[sid] = Conference(sid, name, self.now, self.now, region=region)
            self.names[(region, "conference", name)] = sid
        return found

    def meeting(self, conference: Conference) -> Meeting:
        """Who is in a conference now."""
        return self.meetings.setdefault(conference.sid, Meeting())

    def bell(self, sid: str) -> Bell:
        """The bell of a queue, rung when somebody joins it, or of a waiting call, rung when it is taken."""
        return self.bells.setdefault(sid, Bell())

    def record(self, region: str, call_sid: str, source: str, **more: Any) -> Recording:
        """Begin a recording; ``finish_recording`` ends it."""
        recordings = self.store(region).recordings
        if len(recordings) >= RECORDINGS_MAX:
            _forget(recordings, list(recordings))
        sid = self.world.mint("RE")
        made = recordings[sid] = Recording(sid, call_sid, source, self.now, self.now, started_at=self.now, **more)
        return made

    def queued_s(self, region: str) -> float:
        """Seconds that a REST call would have to wait if it were made now."""
        return max(0.0, self.turns.get(region, 0.0) - self.now)

    def take_turn(self, region: str) -> float:
        """Seconds that a REST call has to wait in this Region's queue; its turn is taken by asking."""
        turn_at = max(self.now, self.turns.get(region, 0.0))
        calls_per_second = faults.settings(self.world, region, self.now).calls_per_second
        self.turns[region] = turn_at + 1.0 / max(calls_per_second, 1e-3)
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
        alert = Alert(
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
        feed.append(alert)
        if self.tell is not None and self.world.settings.debugger_webhook:
            self.tell(region, alert)

    def arrives(self, region: str, number: str, call_sid: str, what: str, detail: str) -> tuple[str, str]:
        """What reaches the ear at the far end, of what is played or said on a leg."""
        effect = faults.media(self.world, region, number, call_sid, self.now)
        if effect is None or what in ("silence", "ringing"):
            return what, detail
        if effect.deaf:
            return "silence", f"lost: {what} {detail}".rstrip()
        if effect.mute and what in ("talking", "recording"):
            return what, f"{detail} (the caller is not heard)".strip()
        return what, detail

    def suffers(self, region: str, number: str, call_sid: str) -> MediaEffect | None:
        """What is lost of a call's sound now."""
        return faults.media(self.world, region, number, call_sid, self.now)

    def keys(self, region: str, number: str, call_sid: str, keys: str) -> str:
        """What arrives of the keys that are pressed."""
        effect = faults.media(self.world, region, number, call_sid, self.now)
        if effect is None or not keys:
            return keys
        return "" if effect.mute or effect.keys == "lost" else keys * 2 if effect.keys == "doubled" else keys

    def calls_for_real(self, sip_url: str) -> bool:
        """Whether a SIP URI is called over sockets. While a fault keeps it from answering, it is not.

        A user of a SIP domain is: only real devices register.
        """
        if self.sip is None or not (self.sip.calls(sip_url) or _at_sip_domain(sip_url)):
            return False
        return all(faults.party(self.world, key, self.now) is None for key in addresses(sip_url))

    def party(self, address: str) -> Party:
        """Who is at an address now: as configured, or somebody who answers, unless a fault keeps them from it.

        A SIP address is looked up as it stands, then without parameters and headers, then by host alone.
        """
        known = next((self.world.parties[key] for key in addresses(address) if key in self.world.parties), Party())
        for key in addresses(address):
            effect = faults.party(self.world, key, self.now)
            if effect is not None:
                after_s = known.after_s if effect.after_s is None else effect.after_s
                return Party(effect.answers, after_s, effect.busy, known.talks_s, effect.sip_code)
        return known


def _at_sip_domain(sip_url: str) -> bool:
    return _SIP_DOMAIN.match(sip_url) is not None


def _forget(kept: dict[str, Any], over: list[str]) -> None:
    """Drop the oldest hundredth of those that are over."""
    for sid in over[: len(kept) // 100 + 1]:
        del kept[sid]


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
