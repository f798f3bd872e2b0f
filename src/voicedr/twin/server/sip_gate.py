"""Between the sockets and the transactions: what faults do to SIP at an edge's addresses.

Which fault lasts is the desk's to say, for each message and each connection; what is done about it is here.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from voicedr.twin.faults.effects import SipEffect
from voicedr.twin.sip.table import Flow
from voicedr.wire.sip.messages import MalformedSip, Request, Response, parse, respond, seen_from, to_tag

_CALL_ID = re.compile(rb"^(?:call-id|i)[ \t]*:[ \t]*(\S+)", re.IGNORECASE | re.MULTILINE)
HEAD_BYTES = 4096
"""Where a Call-ID is looked for."""

UNTROUBLED = SipEffect()


class Ground(Protocol):
    """Whoever knows what is broken."""

    def at_address(self, edge: str, number: int, key: str) -> SipEffect | None:
        """What becomes of SIP at an address of an edge; None if nothing is in its way."""
        ...


@dataclass
class Gate:
    """Every message and every connection passes it.

    Attributes:
        numbers: Each address's edge, and its number there from 1.
        transmit: Sends a message without asking again.
        ground: Who knows; without anybody nothing is broken.
    """

    numbers: Mapping[str, tuple[str, int]]
    transmit: Callable[[Request | Response, Flow, float], None]
    ground: Ground | None = None

    def takes(self, data: bytes, flow: Flow) -> bool:
        """Whether a message that came goes on to the transactions. If not, all that is to be done about it was done."""
        if self.ground is None:
            return True
        named = _CALL_ID.search(data[:HEAD_BYTES])
        effect = self._effect(flow, named[1].decode("ascii", "replace") if named else "")
        if effect.silent:
            return False
        return not ((effect.code or effect.stuck_at) and self._answers(data, flow, effect))

    def sends(self, message: Request | Response, flow: Flow) -> None:
        """Send a message, or not, or later."""
        effect = self._effect(flow, message.headers.get("Call-ID") or "")
        if not effect.silent:
            self.transmit(message, flow, effect.delay_s if isinstance(message, Response) else 0.0)

    def opened(self, flow: Flow) -> SipEffect:
        """What a new connection meets."""
        return self._effect(flow, f"{flow.remote[0]}:{flow.remote[1]}")

    def _effect(self, flow: Flow, key: str) -> SipEffect:
        if self.ground is None:
            return UNTROUBLED
        return self.ground.at_address(*self.numbers[flow.local[0]], key) or UNTROUBLED

    def _answers(self, data: bytes, flow: Flow, effect: SipEffect) -> bool:
        """Answer a new call as the fault says; True if nobody else is to see the message."""
        try:
            request = parse(data)
        except MalformedSip:
            return False
        if not isinstance(request, Request) or to_tag(request):
            return False
        code = 0
        match request.method:
            case "INVITE":
                code = effect.code or effect.stuck_at
            case "OPTIONS" if effect.options_too:
                code = effect.code
            case "CANCEL":
                return not effect.code
        if code:
            seen_from(request, *flow.remote)
            # The same tag for a repeated INVITE: no transaction remembers it.
            tag = hashlib.blake2b(request.call_id.encode(), digest_size=8).hexdigest()
            self.transmit(respond(request, code, tag=tag), flow, effect.delay_s)
        return bool(code)
