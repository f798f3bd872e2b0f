"""What ``voicedr can-i-act`` looks at: the network, the key, the clock, the journal, the disk. Nothing is changed."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from voicedr.adapters.alert_places import PlaceNotKnown, alert_place
from voicedr.adapters.clock import WallClock
from voicedr.adapters.context import FileContext
from voicedr.adapters.http.sockets import SocketSend
from voicedr.adapters.journal.trial import try_to_write
from voicedr.adapters.reachability import NotReached, addresses, aside, handshake
from voicedr.adapters.secrets import SecretError, resolve
from voicedr.bootstrap import access, open_journal
from voicedr.ports.context import ActiveRegion, ContextError
from voicedr.ports.http import NoResponse, Request, Timeouts
from voicedr.ports.journal import ExecutionSummary, JournalError
from voicedr.ports.provider import ProviderError, Refused, RegionalProvider
from voicedr.program.bag.credentials import Credential, credentials_of
from voicedr.program.readiness.acting import Look, Stands, clock_look, disk_look, key_look
from voicedr.program.scope.workbook import Flow, Person, Workbook
from voicedr.program.vocabulary import US1, Region
from voicedr.usecases.look_around import Probe

SECRET_S_MAX = 4.0
JOURNAL_S_MAX = 8.0
REGION_S_MAX = 13.5
"""A name 4 s, a handshake 4 s, then the key, the clock and a route at once, 5 s."""

ASK_S_MAX = 5.0
ASK = Timeouts(connect_s=3.0, total_s=ASK_S_MAX, body_bytes_max=256 * 1024)

Say = Callable[[Look], None]
Work = Callable[[Say], Awaitable[None]]


@dataclass(frozen=True)
class Here:
    """This machine, and what it would act on.

    Attributes:
        key: The file of the OpenSSH key.
        signers: The text of the list of signers; None: the workbook has none.
        place: The journal.
        journal_is_fresh: It will be made for the run of a bag.
    """

    workbook: Workbook
    flows: tuple[Flow, ...]
    person: Person | None
    key: str
    signers: str | None
    place: Path | str
    journal_is_fresh: bool = False

    @property
    def standbys(self) -> tuple[Region, ...]:
        """The Regions that are moved to."""
        return tuple(dict.fromkeys(flow.standby for flow in self.flows))


def probes(here: Here) -> list[Probe]:
    """Everything that is looked at."""
    return [*_secrets(here), *_regions(here), *_contexts(here), *_local(here), *_alerts(here)]


def _secrets(here: Here) -> Iterator[Probe]:
    standbys = {one for region in here.standbys for one in (f"API key of {region}", f"API secret of {region}")}
    for credential in credentials_of(here.workbook):
        is_journal = credential.what == "the team's journal"
        if credential.what.startswith("alert ") or credential.reference.startswith("SK"):
            continue
        if is_journal and here.journal_is_fresh:
            continue
        needed = credential.what in standbys or not credential.what.startswith(("API ", "Auth "))
        about = f"secret: {credential.what}"
        yield Probe((about,), SECRET_S_MAX, _secret(credential, about, needed), needed)


def _secret(credential: Credential, about: str, needed: bool) -> Work:
    async def work(say: Say) -> None:
        try:
            await aside(lambda: resolve(credential.reference), SECRET_S_MAX)
        except SecretError as exc:
            said, _, fix = str(exc).partition(". ")
            say(Look(about, Stands.NOT, said, fix, needed))
        else:
            say(Look(about, Stands.OK, f"{credential.reference} is there", needed=needed))

    return work


def _regions(here: Here) -> Iterator[Probe]:
    for region in here.standbys:
        about = _Abouts.of(here, region)
        yield Probe((*about.reach.values(), about.key, about.clock, about.routes), REGION_S_MAX, _region(here, about))


@dataclass(frozen=True)
class _Abouts:
    """What is said about one Region. ``reach``: by host; a twin's address stands for all of them."""

    region: Region
    place: str
    reach: dict[str, str]
    key: str
    clock: str
    routes: str

    @staticmethod
    def of(here: Here, region: Region) -> _Abouts:
        place = f"{here.workbook.account.regions[region].edge}.{region}.twilio.com"
        address = here.workbook.account.address
        hosts = [address] if address is not None else [f"{one}.{place}" for one in ("routes", "api", "monitor")]
        reach = {host: f"reach {host}" for host in hosts}
        return _Abouts(region, place, reach, f"key of {region}", "clock", f"routes of {region}")


def _region(here: Here, about: _Abouts) -> Work:
    async def work(say: Say) -> None:
        hosts = tuple(about.reach)
        reached = dict(
            zip(hosts, await asyncio.gather(*(_reach(host, about.reach[host], say) for host in hosts)), strict=True)
        )
        # What has no address is not asked again: our client would wait for the resolver as long as that likes.
        api, routes = (reached.get(f"{one}.{about.place}", reached[hosts[0]]) for one in ("api", "routes"))
        for one, there in ((about.key, api), (about.clock, api), (about.routes, routes)):
            if not there:
                say(Look(one, Stands.UNKNOWN, f"its host in {about.region} was not reached", "See above"))
        if api or routes:
            await asyncio.gather(
                *([_ask_clock(here, about, say)] if api else []), _ask_key(here, about, say, api, routes)
            )

    return work


async def _reach(host: str, words: str, say: Say) -> bool:
    """Find it, and shake hands. The twin's address says its own scheme; the provider speaks TLS."""
    fix = "Look at this machine's network and names; the bag's hosts.json has the addresses that were known"
    try:
        parts = urlsplit(resolve(host) if host.startswith("env:") else host if "://" in host else f"https://{host}")
        name, tls = parts.hostname or "", parts.scheme == "https"
        found = await addresses(name)
        seen = await handshake(name, found[0], parts.port or (443 if tls else 80), tls=tls)
    except (NotReached, SecretError, ValueError) as exc:
        say(Look(words, Stands.NOT, str(exc), fix))
        return False
    say(Look(words, Stands.OK, seen))
    return True


async def _ask_clock(here: Here, about: _Abouts, say: Say) -> None:
    """Any answer has a date, also a refusal: no key is sent for it."""
    url = f"https://api.{about.place}/2010-04-01/Accounts/{here.workbook.account.sid}/Applications.json?PageSize=1"
    address = here.workbook.account.address
    try:
        if address is not None and address.startswith("env:"):
            address = resolve(address)
        async with SocketSend(address=address) as send:
            before = datetime.now(UTC)
            answer = await send(Request("GET", url), ASK)
            after = datetime.now(UTC)
    except (NoResponse, SecretError) as exc:
        say(Look(about.clock, Stands.UNKNOWN, f"no answer to compare with: {exc}", "Ask again"))
        return
    say(clock_look(answer.header("Date"), before, after, here.workbook.approvals.clock_skew_s))


async def _ask_key(here: Here, about: _Abouts, say: Say, api: bool, routes: bool) -> None:
    others = frozenset(here.workbook.account.regions) - {about.region}
    try:
        async with access(here.workbook, without=others) as has:
            provider = has.providers[about.region]
            tries = ([_try_key(provider, about, say)] if api else []) + (
                [_try_route(here, provider, about, say)] if routes else []
            )
            await asyncio.gather(*tries)
    except SecretError as exc:
        for one in ([about.key] if api else []) + ([about.routes] if routes else []):
            say(Look(one, Stands.UNKNOWN, f"could not be tried: {exc}", "Put the secret where it is looked for"))


async def _try_key(provider: RegionalProvider, about: _Abouts, say: Say) -> None:
    try:
        async with asyncio.timeout(ASK_S_MAX):
            await provider.check_credential()
    except Refused as exc:
        say(Look(about.key, Stands.NOT, str(exc), "Get the key of this Region, made in this Region"))
    except ProviderError as exc:
        say(Look(about.key, Stands.UNKNOWN, str(exc), "Ask again"))
    except TimeoutError:
        say(Look(about.key, Stands.UNKNOWN, f"no answer within {ASK_S_MAX:g} s", "Ask again"))
    else:
        say(Look(about.key, Stands.OK, f"accepted by api.{about.place}"))


async def _try_route(here: Here, provider: RegionalProvider, about: _Abouts, say: Say) -> None:
    subject = next(flow.subjects[0] for flow in here.flows if flow.standby == about.region)
    try:
        async with asyncio.timeout(ASK_S_MAX):
            route = await provider.route(subject)
    except Refused as exc:
        say(Look(about.routes, Stands.NOT, str(exc), "Give the key the right to read and write routes"))
    except ProviderError as exc:
        say(Look(about.routes, Stands.UNKNOWN, str(exc), "Ask again"))
    except TimeoutError:
        say(Look(about.routes, Stands.UNKNOWN, f"no answer within {ASK_S_MAX:g} s", "Ask again"))
    else:
        region = f"{US1} (never set)" if route is None else route.region
        said = f"{subject.name} is routed to {region}, read from routes.{about.place}; writing was not tried"
        say(Look(about.routes, Stands.OK, said))


def _contexts(here: Here) -> Iterator[Probe]:
    for flow in here.flows:
        if flow.application is not None:
            about = f"context of {flow.application.name}"
            yield Probe((about,), SECRET_S_MAX, _context(Path(flow.application.context.removeprefix("file:")), about))


def _context(path: Path, about: str) -> Work:
    fix = "Reach the disk that the application reads from this machine, or switch it there by hand (manual/)"

    async def work(say: Say) -> None:
        try:
            # A disk over the network may hang like a name that nobody knows.
            now, writable = await aside(lambda: (asyncio.run(_active(path)), _writable(path.parent)), SECRET_S_MAX)
        except ContextError as exc:
            say(Look(about, Stands.NOT, str(exc), fix))
            return
        if now is None:
            say(Look(about, Stands.NOT, f"{path} is not here", fix))
        elif not writable:
            say(Look(about, Stands.NOT, f"{path.parent} cannot be written by you", fix))
        else:
            say(Look(about, Stands.OK, f"{path} says {now.region} and can be written"))

    return work


async def _active(path: Path) -> ActiveRegion | None:
    async with SocketSend() as send:
        return await FileContext(path, clock=WallClock(), send=send).active()


def _writable(folder: Path) -> bool:
    return os.access(folder, os.W_OK | os.X_OK)


def _local(here: Here) -> Iterator[Probe]:
    yield Probe(("journal",), JOURNAL_S_MAX, _journal(here))
    yield Probe(("disk",), SECRET_S_MAX, _disk(here))
    yield Probe(("signing key",), SECRET_S_MAX, _signing(here), needed=here.workbook.approvals.required)


def _journal(here: Here) -> Work:
    async def work(say: Say) -> None:
        try:
            say(await aside(lambda: _try_journal(here.place, here.flows), JOURNAL_S_MAX))
        except (JournalError, SecretError) as exc:
            say(Look("journal", Stands.NOT, str(exc), "Or act from a go-bag, which needs none: voicedr bag run"))

    return work


def _try_journal(place: Path | str, flows: tuple[Flow, ...]) -> Look:
    if isinstance(place, Path) and not place.exists():
        folder = _nearest(place)
        stands, can = (Stands.OK, "can") if _writable(folder) else (Stands.NOT, "cannot")
        said = f"there is none yet; it is made at first use, and {folder} {can} be written"
        return Look("journal", stands, said, "Put it (or the bag) where you may write")
    journal = open_journal(place)
    try:
        try_to_write(journal)
        ours = [one for one in journal.executions() if not one.finished and any(one.flow == flow.id for flow in flows)]
        return _leases(journal.place, ours)
    finally:
        journal.close()


def _leases(place: str, unfinished: list[ExecutionSummary]) -> Look:
    held = next((one for one in unfinished if one.held), None)
    if held is not None:
        said = f"{held.execution} is in the hands of {held.holder}"
        return Look("journal", Stands.NOT, said, "Ask there; or watch it: voicedr status")
    if unfinished:
        said = f"{place} can be written; {unfinished[0].execution} is not finished, and nobody has it in hand"
        return Look("journal", Stands.OK, f"{said}: voicedr resume or rollback {unfinished[0].execution}")
    return Look("journal", Stands.OK, f"{place} can be written, and nobody has one of these flows in hand")


def _disk(here: Here) -> Work:
    async def work(say: Say) -> None:
        say(await aside(lambda: _free(here.place), SECRET_S_MAX))

    return work


def _free(place: Path | str) -> Look:
    folder = _nearest(place if isinstance(place, Path) else Path.cwd() / "reports")
    return disk_look(shutil.disk_usage(folder).free, str(folder))


def _signing(here: Here) -> Work:
    async def work(say: Say) -> None:
        text = await aside(lambda: _public_half(Path(here.key)), SECRET_S_MAX)
        say(key_look(text, here.key, here.signers, here.person, required=here.workbook.approvals.required))

    return work


def _public_half(key: Path) -> str | None:
    """What lies beside a key as ``.pub``; None if either is not there. The key itself is not opened."""
    path = key.expanduser()
    public = path.with_name(f"{path.name}.pub")
    return public.read_text(errors="replace")[:16384] if path.is_file() and public.is_file() else None


def _alerts(here: Here) -> Iterator[Probe]:
    for number, reference in enumerate(here.workbook.alerts, 1):
        about = f"alert {number}"
        yield Probe((about,), 2 * SECRET_S_MAX + 1, _alert(reference, about), needed=False)


def _alert(reference: str, about: str) -> Work:
    fix = "Alerts are only a help: tell people by telephone"

    async def work(say: Say) -> None:
        try:
            host, port = await aside(lambda: alert_place(reference), SECRET_S_MAX)
            found = await addresses(host)
            seen = await handshake(host, found[0], port, tls=False)
        except (SecretError, NotReached) as exc:
            say(Look(about, Stands.NOT, str(exc), fix, needed=False))
        except PlaceNotKnown as exc:
            say(Look(about, Stands.UNKNOWN, str(exc), fix, needed=False))
        else:
            say(Look(about, Stands.OK, f"{seen.partition(' answers')[0]} answers; nothing was sent", needed=False))

    return work


def _nearest(path: Path) -> Path:
    """The folder of a path, or the nearest above it that is there."""
    return next(folder for folder in path.absolute().parents if folder.is_dir())
