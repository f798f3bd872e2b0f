"""What a name leads to: an ordered list of places, each with where it came from, and what was odd on the way."""

from __future__ import annotations

import msgspec

from voicedr.runtime.sipkit.asked import Transport, spoken_place


class Target(msgspec.Struct, frozen=True):
    """One place that SIP can be sent to.

    Attributes:
        name: What was asked for: the host of the request URI, and the name that a certificate must be good for.
        host: The name whose address it is; the address itself if one was asked for.
        source: The records that led here, first to last.
        ttl_s: How long that may be kept: the shortest of those records'. None if no record led here.
        priority: SRV's; 0 without SRV.
        weight: SRV's; 0 without SRV.
        private: Whether nobody on the internet can reach it (the registries of RFC 6890).
    """

    transport: Transport
    address: str
    port: int
    name: str
    host: str
    source: tuple[str, ...] = ()
    ttl_s: int | None = None
    priority: int = 0
    weight: int = 0
    private: bool = False

    @property
    def place(self) -> str:
        """Transport, address and port, as a person says it."""
        return f"{self.transport} {spoken_place(self.address, self.port)}"


class Resolved(msgspec.Struct, frozen=True):
    """What a name leads to.

    Attributes:
        name: What was asked for.
        targets: In the order in which they are to be tried (RFC 3263 section 4.3).
        unanswered: Questions that nobody answered, and why. With any of them the list may be too short.
        notes: What was left out, and what is odd about what is there.
        took_s: Seconds.
    """

    name: str
    targets: tuple[Target, ...] = ()
    unanswered: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    took_s: float = 0.0

    @property
    def complete(self) -> bool:
        """Whether everything that was asked was answered."""
        return not self.unanswered

    @property
    def why_empty(self) -> str:
        """Why there is no target; empty if there is one."""
        if self.targets:
            return ""
        if self.unanswered:
            return f"{self.name}: it is not known what it leads to: {'; '.join(self.unanswered[:3])}"
        odd = f" ({'; '.join(self.notes[:3])})" if self.notes else ""
        return f"{self.name}: there is no such name, or it has no address{odd}"
