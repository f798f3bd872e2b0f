"""The one place that chooses adapters: real sockets, the real clock, the journal's file, the references' secrets."""

from __future__ import annotations

import getpass
import os
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from voicedr.adapters.clock import WallClock
from voicedr.adapters.context import FileContext
from voicedr.adapters.http.sockets import SocketSend
from voicedr.adapters.journal.sqlite import SqliteJournal, this_holder
from voicedr.adapters.pace import Pace
from voicedr.adapters.providers.twilio import TwilioRegion
from voicedr.adapters.secrets import resolve
from voicedr.adapters.signatures import SshSignatures
from voicedr.ports.clock import Clock
from voicedr.ports.context import ContextSwitch
from voicedr.ports.http import Request, Response, Send, Timeouts
from voicedr.ports.provider import RegionalProvider
from voicedr.program.scope.read import read_workbook
from voicedr.program.scope.workbook import Workbook
from voicedr.program.vocabulary import Region
from voicedr.usecases.approve import Approving
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
    return read_workbook(text, str(path))


def open_journal(path: Path) -> SqliteJournal:
    """The journal in a file; made if there is none."""
    return SqliteJournal(path)


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

    def requests_to(self, region: Region) -> int:
        """How many requests went to a Region's hosts so far."""
        return self.requests[region]

    def context(self, path: str | None, confirm: tuple[str, ...]) -> ContextSwitch | None:
        """The application's context from its reference (``file:/path``); None if the plan has none."""
        if path is None:
            return None
        return FileContext(Path(path.removeprefix("file:")), clock=self.clock, send=self.send, confirm=confirm)


@asynccontextmanager
async def access(workbook: Workbook, *, without: frozenset[Region] = frozenset()) -> AsyncIterator[Access]:
    """Providers for the workbook's Regions, but for those that must not be asked.

    Raises:
        SecretError: If a key or secret of a Region that is needed cannot be had.
    """
    clock = WallClock()
    account = workbook.account
    pace = Pace(account.limits.requests_per_second, clock)
    call_pace = Pace(account.limits.calls_per_second, clock)
    requests: Counter[str] = Counter()
    address = None
    if account.address is not None:
        address = resolve(account.address) if account.address.startswith("env:") else account.address
    async with SocketSend(address=address) as to_provider, SocketSend() as to_others:

        async def counted(request: Request, timeouts: Timeouts) -> Response:
            requests[_region_of(request.url)] += 1
            return await to_provider(request, timeouts)

        providers: dict[Region, RegionalProvider] = {
            region: TwilioRegion(
                account.sid,
                region,
                how.edge,
                how.api_key if how.api_key.startswith("SK") else resolve(how.api_key),
                resolve(how.api_secret),
                counted,
                clock,
                pace,
                call_pace,
            )
            for region, how in account.regions.items()
            if region not in without
        }
        yield Access(providers, to_others, clock, requests)


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


def webhook_send() -> SocketSend:
    """The twin's way out to the customer's webhooks."""
    return SocketSend(connections_max=2000, per_host_max=2000)


def _region_of(url: str) -> str:
    """The Region in a provider host's name: ``us1`` where none is named."""
    labels = (urlsplit(url).hostname or "").split(".")
    return labels[-3] if len(labels) >= 4 else "us1"
