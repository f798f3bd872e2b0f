"""No single machine stands between the provider and the application."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from voicedr.program.readiness.check import Area, Check, Conclusion, Outcome, Severity, Stage
from voicedr.program.readiness.declared import About
from voicedr.program.readiness.facts import Fact, Observed, Unobserved
from voicedr.program.readiness.said import Said, Unsaid
from voicedr.program.readiness.subjects import Case
from voicedr.program.readiness.views.hosted import product_of
from voicedr.program.readiness.views.web import WebHost, hosts


@dataclass(frozen=True, slots=True)
class EntryHost:
    """A host that answers calls first, and what somebody says stands behind it."""

    host: WebHost
    addresses: Fact[tuple[str, ...]]
    balancer: Said[Any] | Unsaid

    @property
    def kind(self) -> str:
        return self.host.kind

    @property
    def name(self) -> str:
        return self.host.name

    @property
    def region(self) -> None:
        return None


def entry_hosts(case: Case) -> Iterator[EntryHost]:
    """Every host of a voice URL that the customer runs."""
    for host in hosts(case):
        if (not host.host or "voice URL" in host.uses) and product_of(f"https://{host.host}") is None:
            yield EntryHost(host, host.addresses, case.said(About.BALANCER))


def judge(entry: EntryHost) -> Conclusion:
    """Pass if its name leads to two addresses, or somebody says what stands before the instances; else unknown."""
    if not entry.host.host and isinstance(entry.addresses, Unobserved):
        return Conclusion(Outcome.UNKNOWN, f"which hosts there are could not be read: {entry.addresses.reason}")
    match (entry.addresses, entry.balancer):
        case (Observed(value=addresses) as fact, _) if len(addresses) >= 2:
            return Conclusion(Outcome.PASS, f"its name leads to {len(addresses)} addresses", fact)
        case (_, Said(value=str(text)) as said) if text.strip():
            return Conclusion(Outcome.PASS, f"declared: {text.strip()[:120]}", None, said)
        case (Unobserved(reason), _):
            return Conclusion(Outcome.UNKNOWN, f"its addresses are not known: {reason}")
        case (Observed() as fact, Unsaid(reason)):
            why = f"its name leads to one address, and what stands behind it is not known: {reason}"
            return Conclusion(Outcome.UNKNOWN, why, fact)
        case (Observed() as fact, _):
            return Conclusion(Outcome.UNKNOWN, "one address, and the balancer's declaration says nothing", fact)


check = Check(
    title="Every host that answers calls first is more than one machine",
    why="A balancer that is one machine is the single point of failure that it was put there to remove.",
    fix="Put a redundant balancer before the instances of {flow}, or publish two addresses, and declare it.",
    source="https://www.twilio.com/docs/voice/twilio-voice-failover-best-practices",
    severity=Severity.ONE_FAILURE_AWAY,
    over=entry_hosts,
    judge=judge,
    area=Area.APPLICATION,
    stage=Stage.IN_REGION,
)
