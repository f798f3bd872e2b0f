"""Running TwiML on a leg: verb after verb, document after document, until nothing is left or somebody ends it."""

from __future__ import annotations

from collections.abc import Iterable

from voicedr.twin.calls.availability import NOT_IN_REGION, missing
from voicedr.twin.calls.commands import Interruption, RegionLost, Replaced, Script, Wait
from voicedr.twin.calls.document import Page, load, load_after, load_inline
from voicedr.twin.calls.line import GoOn, Goto, Left, Line, Next, Over, Unrunnable
from voicedr.twin.calls.listening import play_out
from voicedr.twin.calls.orders import Change
from voicedr.twin.calls.rules import complaints
from voicedr.twin.calls.start_recording import end_recording
from voicedr.wire.twiml import Element
from voicedr.wire.twiml_schema import ELEMENTS

APOLOGY = "An application error has occurred. Goodbye."
FALLBACKS_MAX = 3
"""A call whose fallbacks turn out, so many times, not to be executable either is over. Assumption."""

APOLOGY_S = 3.0
"""Assumption: that a prerecorded message is played is documented, its wording and length are not."""


def converse(line: Line) -> Script[Over]:
    """Run the handler's TwiML to its end. A REST change of the live call starts over with what it brings.

    A document with no verb left ends the call (https://www.twilio.com/docs/voice/twiml). With the call ends the
    recording that Start began.
    """
    try:
        over = yield from _converse(line)
    except RegionLost:
        raise
    except Interruption:
        yield from end_recording(line)
        raise
    yield from end_recording(line)
    return over


def _converse(line: Line) -> Script[Over]:
    handler = line.handler
    step: Goto | str | Unrunnable = Goto(handler.url, handler.method) if handler.url else handler.twiml
    fallbacks = 0
    while True:
        try:
            page = yield from _page(line, step)
            if page is None or fallbacks > FALLBACKS_MAX:
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
        except Unrunnable as failed:
            step = failed
            fallbacks += 1
        except Replaced as news:
            step = _step(news.change)


def perform(
    line: Line,
    elements: Iterable[Element],
    allowed: frozenset[str] | None = None,
    *,
    inside: str = "",
    refused: int = 0,
) -> Script[Next]:
    """Act out verbs in order until one of them leads elsewhere. Wrong attributes are told of as their rules say.

    Args:
        allowed: The verbs that may stand here; None is all. Others, and those nobody here can act out, are skipped
            with a warning. (Assumption: what the provider does with an unknown verb is not documented.)
        inside: The verb that these stand in, where that changes their codes.
        refused: The code of a verb that is not allowed, where it has one of its own.

    Raises:
        Unrunnable: If something in it is an error. What came before it has been acted out.
    """
    for element in elements:
        if allowed is not None and element.name not in allowed:
            if refused and element.name in ELEMENTS:
                raise line.fail(refused, f"the verb {element.name} is not allowed here")
            line.warn(12200, f"element {element.name!r} is not allowed here and was skipped")
            continue
        _look_at(element, line, inside)
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


def _look_at(element: Element, line: Line, inside: str) -> None:
    """Tell of whatever is wrong with a verb before it is acted out, and stop at what this Region does not have."""
    path = element.name
    for below, _ in [(path, element), *element.walk(path)]:
        why = missing(below, line.region)
        if why:
            raise line.fail(NOT_IN_REGION, why)
    for code, text, error in complaints(element, inside):
        if error:
            raise line.fail(code, text)
        line.warn(code, text)


def apologise(line: Line) -> Script[None]:
    """Play the prerecorded error message; the call is over after it."""
    line.answer()
    line.apologised = True
    if line.person.phone is not None:
        yield from play_out(line, line.person.phone, "error-message", APOLOGY, 1, otherwise_s=APOLOGY_S)
        return
    line.hears("error-message", APOLOGY)
    yield Wait(APOLOGY_S)


def _page(line: Line, step: Goto | str | Unrunnable) -> Script[Page | None]:
    if isinstance(step, Unrunnable):
        return (yield from load_after(line, step))
    if isinstance(step, str):
        return (yield from load_inline(line, step))
    return (yield from load(line, step.url, step.method, step.extra))


def _step(change: Change) -> Goto | str:
    return Goto(change.url, change.method or "POST") if change.url else change.twiml
