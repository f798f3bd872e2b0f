"""Refer: the SIP equipment of the caller is asked to call somewhere else (https://www.twilio.com/docs/voice/twiml/refer).

On a leg that is not SIP it is the error 13801 (https://www.twilio.com/docs/api/errors/13801). Real equipment gets a
REFER in the call's dialog, and says by NOTIFY how the new call fares; where it is simulated, the party at the new
address decides whether it gets through. (Assumption: what the action is told besides ``ReferCallStatus`` is taken from
the page, when it is told is not documented, nor how long a NOTIFY is waited for.)
"""

from __future__ import annotations

from voicedr.twin.calls.arrival import SipSide
from voicedr.twin.calls.attributes import address_of, word
from voicedr.twin.calls.commands import Script, Transferring, Wait, Watch
from voicedr.twin.calls.line import GoOn, Goto, Line, Next
from voicedr.twin.calls.ringing import CALL_MAX_S
from voicedr.twin.calls.sip_noun import wrong_with
from voicedr.wire.twiml import Element

TRANSFER_S = 180.0
"""How long the end of the new call's set-up is waited for: as long as a proxy lets it ring (RFC 3261 timer C)."""

NOUNS = frozenset({"Sip"})
"""The nouns that are acted out."""


def answers(element: Element) -> bool:
    """It picks up."""
    return True


def act(element: Element, line: Line) -> Script[Next]:
    """Ask for the transfer, wait for its result, then on to ``action``; without one, to the next verb."""
    if not _is_sip(line):
        raise line.fail(13801, "Refer works on SIP legs only, and this call came in or went out another way")
    uri = next((child.text for child in element.children if child.name == "Sip"), element.text)
    if not uri:
        raise line.fail(13802, "Refer names no address to refer to; put a Sip in it")
    wrong = wrong_with(uri)
    if wrong is not None:
        line.warn(*wrong)
        told = {"ReferCallStatus": "failed"}
    elif line.sip is not None:
        told = yield from _asked(line, line.sip, uri)
    else:
        party = line.office.party(uri)
        line.hears("silence")
        yield Wait(min(party.after_s, CALL_MAX_S))
        code = 486 if party.busy else party.sip_code if party.answers else 408
        status = "completed" if code < 300 else "failed"
        told = {"ReferCallStatus": status, "ReferSipResponseCode": "202", "NotifySipResponseCode": str(code)}
    action = address_of(line, element, "action")
    return Goto(action, word(element, "method"), told) if action else GoOn()


def _asked(line: Line, side: SipSide, uri: str) -> Script[dict[str, str]]:
    """Ask real equipment; ``failed`` unless it says that the new call was answered."""
    line.answer()
    line.hears("silence")
    transfer: Transferring | None = side.refer(uri)
    if transfer is None:
        return {"ReferCallStatus": "failed"}
    yield Watch(transfer, TRANSFER_S, until_over=True)
    told = {"ReferCallStatus": "completed" if transfer.answered else "failed"}
    if transfer.refer_code:
        told["ReferSipResponseCode"] = str(transfer.refer_code)
    if transfer.notify_code:
        told["NotifySipResponseCode"] = str(transfer.notify_code)
    return told


def _is_sip(line: Line) -> bool:
    end = line.call.to if line.call.direction.startswith("outbound") else line.call.from_
    return end.lower().startswith(("sip:", "sips:"))
