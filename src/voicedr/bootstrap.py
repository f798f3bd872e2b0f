"""The one place that chooses adapters: real sockets, the real clock, the journal's file, the references' secrets."""

from __future__ import annotations

import getpass
import hashlib
import os
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from voicedr.adapters.certificates import SocketCertificates
from voicedr.adapters.checkpoints.places import place_of
from voicedr.adapters.clock import WallClock
from voicedr.adapters.gap_file import GapFile
from voicedr.adapters.http.plain import PlainSend
from voicedr.adapters.http.sockets import SocketSend
from voicedr.adapters.journal.buckets import Bucket
from voicedr.adapters.journal.holders import this_holder
from voicedr.adapters.journal.incidents import JournalIncidents
from voicedr.adapters.journal.opened import open_journal as open_journal
from voicedr.adapters.journal.sql import SqlJournal
from voicedr.adapters.journal.sqlite import SqliteJournal
from voicedr.adapters.machine_key import KeyUnusable, machine_key
from voicedr.adapters.names import SystemNames
from voicedr.adapters.pace import Pace, Turns
from voicedr.adapters.providers.twilio import TwilioRegion
from voicedr.adapters.secrets import SecretError, resolve
from voicedr.adapters.shared_pace import SharedPace
from voicedr.adapters.signatures import SshSignatures
from voicedr.adapters.snapshot_store import SnapshotStore
from voicedr.bootstrap_context import context_switch
from voicedr.bootstrap_sip import sip_prober
from voicedr.ports.checkpoints import CheckpointPlace, PlaceUnusable
from voicedr.ports.clock import Clock
from voicedr.ports.context import ActiveRegion, ContextSwitch
from voicedr.ports.dispatcher import Dispatcher
from voicedr.ports.http import Request, Response, Send, Timeouts
from voicedr.ports.journal import Record
from voicedr.ports.provider import RegionalProvider, Unreachable
from voicedr.program.scope.read import read_workbook
from voicedr.program.scope.workbook import Workbook
from voicedr.program.vocabulary import Region
from voicedr.usecases.approve import Approving
from voicedr.usecases.guard import Guard
from voicedr.usecases.leave_checkpoints import CheckpointKeeper
from voicedr.usecases.outside import NOWHERE, Outside, beside
from voicedr.usecases.recorder import AWAY_S_MAX, Hold
from voicedr.wire.signatures import sign

WORKBOOK_BYTES_MAX = 1024 * 1024


class CannotRead(Exception):
    """A file that was named cannot be read: which, why, and the next step."""


def load_workbook(path: Path) -> Workbook:
    """The workbook in a file.

    Raises:
        CannotRead: If the file is not there, not text, or too large.
        WorkbookBroken: If it is not a workbook; every mistake at once.
    """
    try:
        body = path.read_bytes()
        if len(body) > WORKBOOK_BYTES_MAX:
            raise CannotRead(f"{path} is larger than {WORKBOOK_BYTES_MAX} bytes, so it is no workbook. Name another.")
        text = body.decode()
    except OSError as exc:
        raise CannotRead(f"{path} cannot be read ({exc.strerror}). Name the workbook: --workbook FILE.") from exc
    except UnicodeDecodeError as exc:
        raise CannotRead(f"{path} is not UTF-8 text (byte {exc.start}). Save it as UTF-8.") from exc
    return msgspec.structs.replace(read_workbook(text, str(path)), sha256=hashlib.sha256(body).hexdigest())


def incidents_of(journal: SqlJournal) -> JournalIncidents:
    """The incidents that are kept beside a journal's executions."""
    return JournalIncidents(journal)


def holder() -> str:
    """This process, as a lease names it."""
    return this_holder(getpass.getuser(), os.uname().nodename)


@dataclass
class Access:
    """What the use cases need of the world outside."""

    providers: Mapping[Region, RegionalProvider]
    send: Send
    clock: Clock
    requests: Counter[str] = field(default_factory=Counter)
    """Requests sent to the provider, by the Region in the host's name."""
    hold: Hold = field(default_factory=Hold)
    """Nothing is changed at the provider once this is over."""
    journal_away_s_max: float = AWAY_S_MAX
    guard: Guard = field(default_factory=Guard)
    """Says right before each request whether it may leave: an emergency stop, a Region that is not asked."""
    reach: Callable[[Region], RegionalProvider | None] = lambda _region: None
    """A provider of any Region of the workbook, also of one that was left out; None where it has no access."""
    keeper: Callable[[Record | None, str, Callable[[str], None]], CheckpointKeeper | None] = (
        lambda _after, _execution, _tell: None
    )
    """Leaves checkpoints of an execution where the workbook says; None where it says nowhere. It must be started."""
    outside: Outside = NOWHERE
    """What is looked at beside the provider: names, SIP addresses, files beside the workbook, references."""

    signing_keys: Mapping[str, str] = field(default_factory=dict)
    """Where the key is that signs a context document, by the context's reference."""

    dispatcher: Dispatcher | None = None
    """Reads and steers the customer's SBCs."""

    def requests_to(self, region: Region) -> int:
        """How many requests went to a Region's hosts so far."""
        return self.requests[region]

    def context(self, path: str | None, confirm: tuple[str, ...]) -> ContextSwitch | None:
        """The application's context from its reference (see ``context_switch``); None if the plan has none."""
        if path is None:
            return None
        key = self.signing_keys.get(path)
        return context_switch(path, clock=self.clock, send=self.send, confirm=confirm, signing_key=key)


@asynccontextmanager
async def access(
    workbook: Workbook, *, without: frozenset[Region] = frozenset(), journal: SqlJournal | None = None
) -> AsyncIterator[Access]:
    """Providers for the workbook's Regions, but for those that must not be asked.

    With a journal, the account's pace is shared with all processes that have the same journal; else it is our own.

    Raises:
        SecretError: If a key or secret of a Region that is needed cannot be had.
    """
    clock = WallClock()
    account = workbook.account
    pace = _pace(account.limits.requests_per_second, clock, journal, f"{account.sid} requests")
    call_pace = _pace(account.limits.calls_per_second, clock, journal, f"{account.sid} calls")
    requests: Counter[str] = Counter()
    hold, guard = Hold(), Guard()
    address = None
    if account.address is not None:
        address = resolve(account.address) if account.address.startswith("env:") else account.address
    async with SocketSend(address=address) as to_provider, SocketSend() as to_others:

        async def counted(request: Request, timeouts: Timeouts) -> Response:
            region = _region_of(request.url)
            if (why := await guard.why_not(Region(region), writes=request.method != "GET")) is not None:
                raise Unreachable(f"{request.method} {request.url}: not sent: {why}. Nothing changed.")
            if request.method != "GET" and hold.over(clock.monotonic_s()):
                raise Unreachable(
                    f"{request.method} {request.url}: not sent, because this process has not been able to renew its"
                    f" lease and somebody may have taken over. Nothing changed. See: voicedr executions"
                )
            requests[region] += 1
            return await to_provider(request, timeouts)

        def provider(region: Region) -> RegionalProvider:
            how = account.regions[region]
            key = how.api_key if how.api_key.startswith("SK") else resolve(how.api_key)
            secret = resolve(how.api_secret)
            return TwilioRegion(account.sid, region, how.edge, key, secret, counted, clock, pace, call_pace)

        def reach(region: Region) -> RegionalProvider | None:
            try:
                return provider(region) if region in account.regions else None
            except SecretError as exc:
                raise Unreachable(f"{region} cannot be asked: {exc}") from exc

        providers = {region: provider(region) for region in account.regions if region not in without}

        def keeper(after: Record | None, execution: str, tell: Callable[[str], None]) -> CheckpointKeeper | None:
            if journal is None or not workbook.checkpoints.places:
                return None
            return _keeper(workbook, journal, to_others, clock, after, execution, tell)

        keys = _signing_keys(workbook)

        def held() -> str | None:
            lost = hold.over(clock.monotonic_s())
            return "this process may have lost its lease, see: voicedr executions" if lost else None

        async def context(reference: str) -> ActiveRegion | None:
            key = keys.get(reference)
            return await context_switch(reference, clock=clock, send=to_others, signing_key=key).active()

        outside = Outside(SystemNames(), sip_prober(), beside(workbook.path), resolve, SocketCertificates(), context)
        yield Access(
            providers,
            to_others,
            clock,
            requests,
            hold,
            workbook.journal.away_s_max,
            guard,
            reach,
            keeper,
            outside,
            keys,
            _dispatcher(held),
        )


def _dispatcher(held: Callable[[], str | None]) -> Dispatcher | None:
    """Who steers SBCs; None where the packages that it needs are not installed."""
    try:
        from voicedr.bootstrap_dispatcher import KamailioDispatcher
    except ImportError:
        return None
    return KamailioDispatcher(held)


def signer(workbook: Workbook, url: str, fields: Mapping[str, str], region: Region) -> str | None:
    """The provider's signature over a form request, as that Region makes it; None without its auth token."""
    how = workbook.account.regions.get(region)
    if how is None or how.auth_token is None:
        return None
    return sign(resolve(how.auth_token), url, fields.items())


def approving(workbook: Workbook) -> Approving:
    """How approvals of this workbook's plans are judged, with what verifies signatures if they can be given."""
    signers = workbook.approvals.allowed_signers
    signatures = None if signers is None else SshSignatures(Path(workbook.path).resolve().parent / signers)
    return Approving(workbook.approvals, workbook.people, signatures)


def sign_statement(statement: str, key: str) -> str:
    """The signature over a statement, on a machine that has neither a workbook nor a list of signers.

    Raises:
        SignaturesUnusable: If the key cannot be used.
    """
    return SshSignatures(Path(os.devnull)).sign(statement, key)


def webhook_send() -> PlainSend:
    """The twin's way out to the customer's webhooks."""
    return PlainSend(connections_max=2000)


def snapshots_beside(workbook_path: str | Path) -> SnapshotStore:
    """Where the snapshots of a workbook are kept."""
    return SnapshotStore(Path(workbook_path).resolve().parent / ".voicedr" / "snapshots")


def gaps_beside(workbook_path: str | Path, said: Path | None = None) -> GapFile:
    """Where a workbook's gap list is kept: where somebody said, else beside it."""
    return GapFile(said or Path(workbook_path).resolve().parent / ".voicedr" / "gaps.json")


CHECKPOINT_KEY = "checkpoint-key.pem"
"""The machine's own key, in the folder of its keys."""


def keys_beside(journal: SqlJournal, workbook_path: str) -> Path:
    """Where keys of this machine are kept: beside the journal if it is a file, else beside the workbook."""
    if isinstance(journal, SqliteJournal):
        return Path(journal.place).parent
    return Path(workbook_path).resolve().parent / ".voicedr"


def checkpoint_place(text: str, send: Send, *, token: str | None = None, beside: Path | None = None) -> CheckpointPlace:
    """A place that a person named; a path in it is relative to ``beside``, or to where we are.

    Raises:
        PlaceUnusable, SecretError: As the adapter says. Nothing was asked of it yet.
    """
    kind, colon, path = text.partition(":")
    if beside is not None and kind in ("file", "git") and colon and not path.startswith(("/", "~")):
        text = f"{kind}:{beside / path}"
    return place_of(text, send, token=token)


def _keeper(
    workbook: Workbook,
    journal: SqlJournal,
    send: Send,
    clock: Clock,
    after: Record | None,
    execution: str,
    tell: Callable[[str], None],
) -> CheckpointKeeper | None:
    """What is wrong with a place or the key is told, and keeps nobody from moving: the other places are used."""
    beside = Path(workbook.path).resolve().parent
    places: list[CheckpointPlace] = []
    for number, rule in enumerate(workbook.checkpoints.places, start=1):
        try:
            places.append(checkpoint_place(rule.at, send, token=rule.token, beside=beside))
        except (PlaceUnusable, SecretError) as exc:
            tell(f"no checkpoints are left at place {number} of the workbook's checkpoints: {exc}")
    try:
        key = machine_key(keys_beside(journal, workbook.path) / CHECKPOINT_KEY)
    except KeyUnusable as exc:
        tell(f"no checkpoints are left, because they could not be signed: {exc}")
        return None
    rhythm = workbook.checkpoints
    return CheckpointKeeper(journal, execution, places, rhythm, clock, sign=key.sign, tell=tell, after=after)


def _signing_keys(workbook: Workbook) -> dict[str, str]:
    applications = [flow.application for flow in workbook.flows if flow.application is not None]
    return {one.context: one.signing_key for one in applications if one.signing_key is not None}


def _pace(rate_per_second: float, clock: Clock, journal: SqlJournal | None, name: str) -> Turns:
    if journal is None:
        return Pace(rate_per_second, clock)
    return SharedPace(Bucket(journal, name), rate_per_second, clock)


def _region_of(url: str) -> str:
    """The Region in a provider host's name: ``us1`` where none is named."""
    labels = (urlsplit(url).hostname or "").split(".")
    return labels[-3] if len(labels) >= 4 else "us1"
