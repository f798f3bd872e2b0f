"""Looking at SIP: everything is asked once, nothing dead raises, and what is missing says why."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date

from readiness_scene import a_flow, an_account, snapshot
from sip_readiness_scene import DISPATCHER, FIREWALL, NAMES, OPEN_FIREWALL, SBC, SBC_URIS, alive
from voicedr.adapters.clock import WallClock
from voicedr.ports.names import NamesFailed
from voicedr.program.network.coverage import Standing
from voicedr.program.readiness.declared import About, Declaration, Declarations
from voicedr.program.readiness.facts import Observed, Unobserved
from voicedr.program.readiness.outside.sip import SipAnswer, SipFacts
from voicedr.program.vocabulary import US1
from voicedr.usecases.look_at_sip import look_at_sip
from voicedr.usecases.outside import NOWHERE, Outside


class Prober:
    """Answers for what it knows."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def options(self, uris: Sequence[str]) -> dict[str, tuple[SipAnswer, ...] | str]:
        self.asked += uris
        return {uri: (alive("203.0.113.10"),) if "sbc1" in uri else "the name has no address" for uri in uris}


class Names:
    """One host lives, one fails, one is not there."""

    async def addresses(self, host: str) -> tuple[str, ...]:
        if host.startswith("sbc1"):
            return ("203.0.113.10",)
        if host.startswith("sbc2"):
            raise NamesFailed("no resolver said where it is")
        return ()


FILES = {FIREWALL: OPEN_FIREWALL.encode(), SBC: DISPATCHER.encode(), "odd.txt": b"\xff\xfe", "mad.txt": b"%PDF-1.7 x"}


def read(name: str) -> bytes:
    """A file of the workbook's folder."""
    if name not in FILES:
        raise FileNotFoundError(2, "No such file or directory")
    return FILES[name]


def declared(**files: list[str]) -> Declarations:
    """What somebody declared."""
    said = {About.FIREWALL_EXPORT: files.get("firewalls", [FIREWALL]), About.SBC_CONFIG: files.get("sbcs", [SBC])}
    return Declarations(
        tuple(Declaration(about, value, "ruiz", date(2020, 1, 1), date(2090, 1, 1)) for about, value in said.items())
    )


async def send(*_: object) -> object:
    """Nothing is sent over HTTP."""
    raise AssertionError("nothing is asked over HTTP here")


def looked(outside: Outside, said: Declarations | None = None, **options: object) -> SipFacts:
    """The facts."""
    account, given = an_account(), said or declared()
    work = look_at_sip((a_flow(),), account, given, snapshot(), {}, send, WallClock(), outside, **options)  # type: ignore[arg-type]
    return asyncio.run(work)


def test_everything_is_asked_once_and_told_apart() -> None:
    """SBCs, termination names, hosts and files: seen, or why not."""
    prober = Prober()
    facts = looked(Outside(Names(), prober, read))
    assert sorted(prober.asked) == sorted({*SBC_URIS, *NAMES})
    assert isinstance(facts.answered(SBC_URIS[0]), Observed)
    assert facts.answered(SBC_URIS[1]) == Unobserved("the name has no address")
    assert isinstance(facts.addresses("sbc1.acme.example"), Observed)
    assert facts.addresses("sbc2.acme.example") == Unobserved("no resolver said where it is")
    assert isinstance(facts.addresses("dr.other.example"), Unobserved), "no address is not an address of its own"
    admitted = facts.firewall(FIREWALL)
    assert isinstance(admitted, Observed)
    assert {one.standing for one in admitted.value} == {Standing.COVERED}
    config = facts.sbc(SBC)
    assert isinstance(config, Observed)
    assert config.value.edges == ("dublin", "frankfurt")


def test_without_means_nothing_is_known() -> None:
    """No prober, no resolver, no files: reasons, no facts."""
    facts = looked(NOWHERE)
    for fact in (facts.answered(SBC_URIS[0]), facts.addresses("sbc1.acme.example"), facts.firewall(FIREWALL)):
        assert isinstance(fact, Unobserved)


def test_broken_files_are_told_by_name() -> None:
    """Not there, not text, another format: each says so, and the others are read."""
    facts = looked(
        Outside(read_file=read), declared(firewalls=["odd.txt", "mad.txt", FIREWALL], sbcs=["none.cfg", SBC])
    )
    for file, told in (("odd.txt", "not UTF-8"), ("mad.txt", "mad.txt")):
        fact = facts.firewall(file)
        assert isinstance(fact, Unobserved)
        assert told in fact.reason
    missing = facts.sbc("none.cfg")
    assert isinstance(missing, Unobserved)
    assert "No such file" in missing.reason
    assert isinstance(facts.firewall(FIREWALL), Observed)


def test_the_edges_of_a_region_that_is_not_asked_are_not_tried() -> None:
    """Ungraceful: no OPTIONS goes to the primary's edge; the others are asked."""
    prober = Prober()
    facts = looked(Outside(sip=prober), without=frozenset({US1}))
    assert not [uri for uri in prober.asked if ".ashburn." in uri]
    skipped = facts.answered("sip:acme.pstn.ashburn.twilio.com")
    assert isinstance(skipped, Unobserved)
    assert "ungraceful" in skipped.reason
    assert [uri for uri in prober.asked if ".dublin." in uri]
