"""Refer: the SIP equipment of the caller is asked to call somewhere else (https://www.twilio.com/docs/voice/twiml/refer).

On a leg that is not SIP it is the error 13801 (https://www.twilio.com/docs/api/errors/13801). Whether the equipment
gets through is decided by the party at the new address. (Assumption: what the action is told besides
``ReferCallStatus`` is taken from the page, when it is told is not documented.)
"""

from __future__ import annotations

from voicedr.twin.calls.attributes import address_of, word
from voicedr.twin.calls.commands import Script, Wait
from voicedr.twin.calls.line import GoOn, Goto, Line, Next
from voicedr.twin.calls.ringing import CALL_MAX_S
from voicedr.twin.calls.sip_noun import wrong_with
from voicedr.wire.twiml import Element

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
    else:
        party = line.office.party(uri)
        line.hears("silence")
        yield Wait(min(party.after_s, CALL_MAX_S))
        code = 486 if party.busy else party.sip_code if party.answers else 408
        status = "completed" if code < 300 else "failed"
        told = {"ReferCallStatus": status, "ReferSipResponseCode": "202", "NotifySipResponseCode": str(code)}
    action = address_of(line, element, "action")
    return Goto(action, word(element, "method"), told) if action else GoOn()


def _is_sip(line: Line) -> bool:
    end = line.call.to if line.call.direction.startswith("outbound") else line.call.from_
    return end.lower().startswith(("sip:", "sips:"))
