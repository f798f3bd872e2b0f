"""Connect: the call is handed to another party of the provider (https://www.twilio.com/docs/voice/twiml/connect).

A Stream is acted out: later verbs wait until the server closes the socket. The other nouns are accepted and skipped.
"""

from __future__ import annotations

from voicedr.twin.calls.attributes import address_of, word
from voicedr.twin.calls.commands import Interruption, Listen, Script
from voicedr.twin.calls.line import GoOn, Goto, Line, Next
from voicedr.twin.calls.ringing import CALL_MAX_S
from voicedr.twin.calls.stream_noun import begin_stream
from voicedr.wire.twiml import Element

NOUNS = frozenset({"Stream"})
"""The nouns that are acted out."""


def answers(element: Element) -> bool:
    """It picks up."""
    return True


def act(element: Element, line: Line) -> Script[Next]:
    """Stream until it is over, then on to ``action``; without one, to the next verb."""
    for noun in element.children:
        if noun.name not in NOUNS:
            line.warn(12200, f"the noun {noun.name} of Connect is accepted and not acted out here")
            continue
        streaming = yield from begin_stream(noun, line, two_way=True)
        if streaming is None:
            continue
        line.hears("stream", streaming.url)
        try:
            while streaming.state != "over":
                yield Listen(streaming.bell, CALL_MAX_S)
        except Interruption:
            streaming.stop()
            raise
    action = address_of(line, element, "action")
    return Goto(action, word(element, "method")) if action else GoOn()
