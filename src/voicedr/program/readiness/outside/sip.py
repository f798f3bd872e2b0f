"""What names and addresses of SIP said, and what the files of firewalls and SBCs say about them.

Everything is by a name that the case has too: a SIP URI, a host, a file. A name that is missing was not looked at.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from voicedr.program.network.coverage import Covered
from voicedr.program.network.sbc import SbcConfig
from voicedr.program.readiness.facts import Fact, Unobserved

T = TypeVar("T")


class SipAnswer(msgspec.Struct, frozen=True):
    """What one address said to OPTIONS.

    Attributes:
        target: ``"203.0.113.5:5060 udp"``.
        address: The IP address.
        status: The SIP status; None: it did not answer.
        seconds: How long that took.
        problem: Why it does not count as alive; None: it does.
        certificate_until: When its certificate ends, over TLS.
    """

    target: str
    address: str
    status: int | None
    seconds: float
    problem: str | None = None
    certificate_until: datetime | None = None


class SipFacts(msgspec.Struct, frozen=True):
    """What was seen of SIP.

    Attributes:
        answers: By SIP URI: every address behind it, and what it said.
        hosts: By host: its addresses, for telling whether two hosts are one machine.
        firewalls: By file: how each published range stands at that firewall.
        sbcs: By file: where that SBC sends its calls.
    """

    answers: dict[str, Fact[tuple[SipAnswer, ...]]] = {}
    hosts: dict[str, Fact[tuple[str, ...]]] = {}
    firewalls: dict[str, Fact[tuple[Covered, ...]]] = {}
    sbcs: dict[str, Fact[SbcConfig]] = {}

    def answered(self, uri: str) -> Fact[tuple[SipAnswer, ...]]:
        """What the addresses behind a URI said."""
        return _looked_up(self.answers, uri, "nobody was asked over SIP this time")

    def addresses(self, host: str) -> Fact[tuple[str, ...]]:
        """The addresses of a host."""
        return _looked_up(self.hosts, host, "its name was not asked for this time")

    def firewall(self, file: str) -> Fact[tuple[Covered, ...]]:
        """How the published ranges stand in a firewall's export."""
        return _looked_up(self.firewalls, file, "the file was not read this time")

    def sbc(self, file: str) -> Fact[SbcConfig]:
        """Where an SBC sends its calls."""
        return _looked_up(self.sbcs, file, "the file was not read this time")

    def aged(self, young: Callable[[Fact[Any]], Fact[Any]]) -> SipFacts:
        """The same with every fact as ``young`` leaves it."""
        return SipFacts(
            answers={uri: young(fact) for uri, fact in self.answers.items()},
            hosts={host: young(fact) for host, fact in self.hosts.items()},
            firewalls={file: young(fact) for file, fact in self.firewalls.items()},
            sbcs={file: young(fact) for file, fact in self.sbcs.items()},
        )


def _looked_up(facts: dict[str, Fact[T]], name: str, why: str) -> Fact[T]:
    return facts.get(name) or Unobserved(why)
