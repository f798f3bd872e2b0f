"""Running TwiML on a leg: verb after verb, document after document, until nothing is left or somebody ends it."""

from __future__ import annotations

from collections.abc import Iterable

from voicedr.twin.calls.commands import Replaced, Script, Wait
from voicedr.twin.calls.document import Page, load, load_inline
from voicedr.twin.calls.line import GoOn, Goto, Left, Line, Next, Over
from voicedr.twin.calls.orders import Change
from voicedr.wire.twiml import Element
from voicedr.wire.twiml_schema import ELEMENTS

APOLOGY = "An application error has occurred. Goodbye."
APOLOGY_S = 3.0
"""Assumption: that a prerecorded message is played is documented, its wording and length are not."""


def converse(line: Line) -> Script[Over]:
    """Run the handler's TwiML to its end. A REST change of the live call starts over with what it brings.

    A document with no verb left ends the call (https://www.twilio.com/docs/voice/twiml).
    """
    handler = line.handler
    step: Goto | str = Goto(handler.url, handler.method) if handler.url else handler.twiml
    while True:
        try:
            page = yield from _page(line, step)
            if page is None:
                yield from apologise(line)
                return Over()
            line.url = page.url
            following = yield from perform(line, page.document.root.children)
            if isinstance(following, Goto):
                step = following
                continue
            if isinstance(following, Over) and following.rejected:
                return following
            line.answer()
            return Over()
        except Replaced as news:
            step = _step(news.change)


def perform(line: Line, elements: Iterable[Element], allowed: frozenset[str] | None = None) -> Script[Next]:
    """Act out verbs in order until one of them leads elsewhere.

    Args:
        allowed: The verbs that may stand here; None is all. Others, and those nobody here can act out, are skipped
            with a warning. (Assumption: what the provider does with an unknown verb is not documented.)
    """
    for element in elements:
        if allowed is not None and element.name not in allowed:
            line.warn(12200, f"element {element.name!r} is not allowed here and was skipped")
            continue
        verb = line.verbs.get(element.name)
        if verb is None:
            if element.name in ELEMENTS:
                line.warn(12200, f"the verb {element.name} is not acted out here and was skipped")
            continue
        if verb.answers(element):
            line.answer()
        following = yield from verb.act(element, line)
        if isinstance(following, GoOn) or (isinstance(following, Left) and allowed is None):
            continue  # There is no queue to leave in the call's own document.
        return following
    return GoOn()


def apologise(line: Line) -> Script[None]:
    """Play the prerecorded error message; the call is over after it."""
    line.answer()
    line.apologised = True
    line.hears("error-message", APOLOGY)
    yield Wait(APOLOGY_S)


def _page(line: Line, step: Goto | str) -> Script[Page | None]:
    if isinstance(step, str):
        return (yield from load_inline(line, step))
    return (yield from load(line, step.url, step.method, step.extra))


def _step(change: Change) -> Goto | str:
    return Goto(change.url, change.method or "POST") if change.url else change.twiml
