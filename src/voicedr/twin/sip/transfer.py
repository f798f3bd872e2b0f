"""Transfers: REFER within a call, and what is reported of the new one (RFC 3515).

Those that we ask for:

asked ── 2xx ──> accepted ── NOTIFY with a final response, or the subscription ends ──> over
asked ── 3xx-6xx, or nothing in time ──> over

One that the peer asks for is taken by 202 and reported as done at once, or refused by 603 (assumption: what the
provider reports is not documented).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from voicedr.twin.calls.commands import FarEnd
from voicedr.twin.sip.dialog import Dialog
from voicedr.twin.sip.table import Table, client_key
from voicedr.wire.sip.client_transactions import NonInviteClient
from voicedr.wire.sip.messages import Request, Response, complete
from voicedr.wire.sip.timers import Deliver, GaveUp

_STATUS = re.compile(rb"SIP/2\.0 ([1-6]\d\d)\b")


@dataclass(eq=False)
class Transfer:
    """One REFER, until it is known how it ended.

    Attributes:
        refer_code: The final response to it; 0 as long as there is none.
        notify_code: The last response that was reported of the new call.
    """

    refer_code: int = 0
    notify_code: int = 0
    over: bool = False
    watchers: list[asyncio.Future[None]] = field(default_factory=list)

    @property
    def answered(self) -> bool:
        """Whether the new call was."""
        return 200 <= self.notify_code < 300

    @property
    def outcome(self) -> str:
        """How it ended, in one word; empty while it lasts."""
        return "" if not self.over else "served" if self.answered else "failed"

    def hang_up(self) -> None:
        """Nothing: a transfer that was asked for cannot be taken back."""

    def tie(self, other: FarEnd) -> None:
        """A transfer ends no call: the equipment that carries it out hangs up."""

    def told(self, news: Deliver | GaveUp) -> None:
        """Something has become of the REFER."""
        if isinstance(news, GaveUp):
            self.end()
        elif isinstance(news.message, Response) and news.message.code >= 200:
            self.refer_code = news.message.code
            if news.message.code >= 300:
                self.end()

    def notified(self, notify: Request) -> None:
        """A NOTIFY came."""
        found = _STATUS.match(notify.body)
        if found is not None:
            self.notify_code = int(found[1])
        state = (notify.headers.get("Subscription-State") or "").partition(";")[0].strip().lower()
        if self.notify_code >= 200 or state == "terminated":
            self.end()

    def end(self) -> None:
        """Nothing more will come."""
        self.over = True
        watchers, self.watchers = self.watchers, []
        for watcher in watchers:
            if not watcher.done():
                watcher.set_result(None)


def refuse_transfers(refer_to: str) -> bool:
    """Nobody is waiting for one."""
    return False


def report_done(dialog: Dialog, table: Table, mint: Callable[[str], str]) -> None:
    """Tell a peer whose REFER was taken that there is no more to wait for."""
    request = dialog.request("NOTIFY", mint("z9hG4bK"))
    request.headers.add("Event", "refer")
    request.headers.add("Subscription-State", "terminated;reason=noresource")
    complete(request, b"SIP/2.0 200 OK\r\n", "message/sipfrag;version=2.0")
    hop = dialog.hop
    table.begin(client_key(request), NonInviteClient(request, reliable=hop.reliable), hop, lambda news: None)


def ask(uri: str, dialog: Dialog, table: Table, mint: Callable[[str], str]) -> Transfer:
    """Send REFER in this dialog."""
    transfer = Transfer()
    request = dialog.request("REFER", mint("z9hG4bK"))
    request.headers.add("Refer-To", f"<{uri}>")
    request.headers.add("Referred-By", dialog.contact)
    hop = dialog.hop
    table.begin(client_key(request), NonInviteClient(request, reliable=hop.reliable), hop, transfer.told)
    return transfer
