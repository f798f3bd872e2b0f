"""Look at what SIP shows: SBCs and termination names that answer, addresses, firewalls' exports, SBCs' files.

OPTIONS asks whether somebody is there and changes nothing (RFC 3261 §11). Each address is asked once in a reading.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from voicedr.ports.clock import Clock
from voicedr.ports.http import Send
from voicedr.ports.names import NamesFailed
from voicedr.ports.provider import RegionalProvider
from voicedr.program.network.coverage import Covered, coverage
from voicedr.program.network.firewall import BrokenExport, read_firewall
from voicedr.program.network.published import PublishedRanges, published_ranges
from voicedr.program.network.sbc import BrokenSbcConfig, SbcConfig, read_sbc
from voicedr.program.readiness.declared import About, Declarations
from voicedr.program.readiness.facts import Fact, Observed, Unobserved
from voicedr.program.readiness.outside.sip import SipAnswer, SipFacts
from voicedr.program.readiness.said import Said
from voicedr.program.readiness.snapshot import Snapshot
from voicedr.program.readiness.subjects import Case
from voicedr.program.readiness.views.network import edge_of
from voicedr.program.readiness.views.sip import grouped, originations, termination_uris
from voicedr.program.scope.workbook import Account, Flow
from voicedr.program.vocabulary import REGIONS, Region
from voicedr.usecases.outside import Outside
from voicedr.usecases.probe_webhooks import Progress, Signer

URIS_MAX = 400
"""SIP URIs that one reading asks. With four addresses each and 4 s for a silent one they end within a minute."""

HOSTS_MAX = 1000

FILES_MAX = 50

NAMES_AT_ONCE = 16

T = TypeVar("T")


async def look_at_sip(
    flows: Sequence[Flow],
    account: Account,
    declarations: Declarations,
    snapshot: Snapshot,
    providers: Mapping[Region, RegionalProvider],
    send: Send,
    clock: Clock,
    outside: Outside,
    *,
    without: frozenset[Region] = frozenset(),
    progress: Progress | None = None,
    signer: Signer | None = None,
) -> SipFacts:
    """What SIP shows of these flows. Never raises for what is dead, missing or broken: that is what is told.

    Args:
        snapshot: What was read of the account: it names the trunks.
        without: Regions that are asked nothing: names at their edges are not tried either.
        outside: Resolver, prober and files; each may be missing.
        providers, send, signer: Not needed here.
    """
    cases = [Case(flow, account, snapshot, declarations, now=clock.now()) for flow in flows]
    uris = list(dict.fromkeys(uri for case in cases for uri in _uris(case)))
    hosts = list(dict.fromkeys(host for case in cases for group in grouped(case) for host in group.addresses))
    skipped = {uri: why for uri in uris if (why := _why_not(uri, account, without)) is not None}
    answers = await _answers([uri for uri in uris if uri not in skipped], outside, clock, progress)
    return SipFacts(
        answers={**answers, **skipped},
        hosts=await _addresses(hosts, outside, clock, progress),
        firewalls=_read(_files(cases, About.FIREWALL_EXPORT), outside, clock, _firewall),
        sbcs=_read(_files(cases, About.SBC_CONFIG), outside, clock, _sbc),
    )


def _uris(case: Case) -> Iterable[str]:
    yield from (one.uri for one in originations(case) if one.uri)
    yield from termination_uris(case)


def _why_not(uri: str, account: Account, without: frozenset[Region]) -> Unobserved | None:
    """Why a name of the provider's is not asked for; None: it is."""
    edge = _at_edge(uri)
    if edge is None:
        return None
    if account.address is not None:
        return Unobserved(f"the account is at {account.address}, and the provider's own names do not lead there")
    if edge in {REGIONS[region] for region in without if region in REGIONS}:
        return Unobserved(f"the edges of {', '.join(sorted(without))} are not asked in ungraceful mode")
    return None


def _at_edge(uri: str) -> str | None:
    """The edge in a termination name, ``acme.pstn.dublin.twilio.com``; an origination URI's edge is where it leaves."""
    if edge_of(uri) is not None:
        return None
    parts = uri.partition(":")[2].split(".")
    return parts[2] if len(parts) > 4 and parts[1] == "pstn" else None


async def _answers(
    uris: Sequence[str], outside: Outside, clock: Clock, progress: Progress | None
) -> dict[str, Fact[tuple[SipAnswer, ...]]]:
    if outside.sip is None:
        return dict.fromkeys(uris, Unobserved("nobody was asked over SIP: install voicedr[sip]"))
    asked, left = uris[:URIS_MAX], uris[URIS_MAX:]
    facts: dict[str, Fact[tuple[SipAnswer, ...]]] = dict.fromkeys(
        left, Unobserved(f"not asked: one reading asks at most {URIS_MAX} SIP URIs, and the flows have {len(uris)}")
    )
    if not asked:
        return facts
    said = await outside.sip.options(asked)
    for uri in asked:
        match said.get(uri):
            case None:
                facts[uri] = Unobserved("the prober said nothing about it")
            case str(reason):
                facts[uri] = Unobserved(reason)
            case answers:
                facts[uri] = Observed(answers, clock.now(), f"OPTIONS {uri} from this machine")
    if progress is not None:
        progress("SIP addresses", len(asked), len(asked))
    return facts


async def _addresses(
    hosts: Sequence[str], outside: Outside, clock: Clock, progress: Progress | None
) -> dict[str, Fact[tuple[str, ...]]]:
    if outside.names is None:
        return dict.fromkeys(hosts, Unobserved("no resolver is at hand"))
    names = outside.names
    facts: dict[str, Fact[tuple[str, ...]]] = dict.fromkeys(
        hosts[HOSTS_MAX:], Unobserved(f"not asked: one reading asks for at most {HOSTS_MAX} host names")
    )
    waiting = iter(hosts[:HOSTS_MAX])

    async def work() -> None:
        for host in waiting:
            try:
                found = await names.addresses(host)
            except NamesFailed as exc:
                facts[host] = Unobserved(str(exc))
                continue
            facts[host] = (
                Observed(found, clock.now(), f"this machine's resolver for {host}")
                if found
                else Unobserved(f"this machine's resolver has no address for {host}")
            )

    async with asyncio.TaskGroup() as group:
        for _ in range(min(NAMES_AT_ONCE, len(hosts))):
            group.create_task(work())
    if progress is not None and hosts:
        progress("host names", len(hosts), len(hosts))
    return facts


def _files(cases: Sequence[Case], about: About) -> list[str]:
    found: dict[str, None] = {}
    for case in cases:
        said = case.said(about)
        if isinstance(said, Said):
            found |= dict.fromkeys(str(file) for file in said.value)
    return list(found)


def _read(
    files: Sequence[str], outside: Outside, clock: Clock, understand: Callable[[str, str, PublishedRanges], T]
) -> dict[str, Fact[T]]:
    """Each file read and understood; what cannot be is told with its name, and judged by nobody."""
    if outside.read_file is None:
        return dict.fromkeys(files, Unobserved("files are not read this time"))
    facts: dict[str, Fact[T]] = dict.fromkeys(
        files[FILES_MAX:], Unobserved(f"not read: one reading reads at most {FILES_MAX} files of a kind")
    )
    ranges = published_ranges()
    for file in files[:FILES_MAX]:
        try:
            text = outside.read_file(file).decode("utf-8-sig")
            facts[file] = Observed(understand(text, file, ranges), clock.now(), file)
        except OSError as exc:
            facts[file] = Unobserved(f"{file} cannot be read ({exc.strerror or exc})")
        except UnicodeDecodeError as exc:
            facts[file] = Unobserved(f"{file} is not UTF-8 text (byte {exc.start})")
        except (BrokenExport, BrokenSbcConfig) as exc:
            facts[file] = Unobserved(str(exc))
    return facts


def _firewall(text: str, name: str, ranges: PublishedRanges) -> tuple[Covered, ...]:
    return coverage(read_firewall(text, name), ranges)


def _sbc(text: str, name: str, ranges: PublishedRanges) -> SbcConfig:
    return read_sbc(text, name, ranges)
