"""Enqueue: the caller waits in a queue until somebody takes the call (https://www.twilio.com/docs/voice/twiml/enqueue).

Somebody is a call that dials the queue (``Dial`` with ``Queue``), or an agent outside: with a party ``queue:support``
every caller of the queue ``support`` is taken after its ``after_s`` and talks for its ``talks_s``. Without either,
callers wait until they give up.
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf

from voicedr.twin import faults
from voicedr.twin.calls.attributes import address_of, word
from voicedr.twin.calls.commands import HungUp, Interruption, Listen, Replaced, Script, Wait
from voicedr.twin.calls.cut_short import cut_short
from voicedr.twin.calls.document import Unusable, load_without_fallback
from voicedr.twin.calls.interpreter import perform
from voicedr.twin.calls.line import GoOn, Goto, Left, Line, Next, Over, Unrunnable
from voicedr.twin.calls.office import Taking
from voicedr.twin.calls.ringing import CALL_MAX_S
from voicedr.twin.world.model import Queue, QueueMember
from voicedr.wire.twiml import Element

_WAITING_VERBS = frozenset({"Play", "Say", "Pause", "Hangup", "Redirect", "Leave", "Gather"})
_BEFORE_VERBS = frozenset({"Play", "Say", "Pause", "Gather", "Redirect"})
"""In the document that the queued caller hears before the two are connected. Assumption."""

NOUNS = frozenset({"Task"})
"""What is acted out in it."""

_LOOP_S = 1.0
"""A waiting document that takes no time is asked for again after this."""


def answers(element: Element) -> bool:
    """It picks up."""
    return True


def act(element: Element, line: Line) -> Script[Next]:
    """Wait, talk to somebody, then on to ``action`` with ``QueueResult``; without one, to the next verb."""
    name = element.text or _task(element)
    if not 1 <= len(name) <= 64:
        raise line.fail(
            14204 if not name else 14205, f"a queue's name has 1 to 64 characters, this one has {len(name)}"
        )
    office = line.office
    queue = office.queue(line.region, name) or office.make_queue(line.region, name)
    size_max = faults.queue_size(office.world, line.region, name, queue.max_size, office.now)
    if queue.current_size >= size_max:
        line.warn(14207, f"queue {name!r} has {queue.current_size} callers and takes no more than {size_max}")
        return _on(element, line, "queue-full", queue, 0.0)
    joined = office.now
    queue.members.append(QueueMember(line.call.sid, joined))
    queue.updated_at = joined
    office.bell(queue.sid).ring()
    try:
        result, following = yield from _wait(element, line, queue, joined)
    except Interruption as news:
        _out(line, queue)
        _decline(line)
        result = "hangup" if isinstance(news, HungUp) else "redirected" if isinstance(news, Replaced) else ""
        if result:
            yield from _tell_only(element, line, result, queue, office.now - joined)
        raise
    _out(line, queue)
    waited_s = office.now - joined
    if result == "bridged":
        queue.served += 1
        queue.waited_s += waited_s
        result = yield from _bridged(element, line, queue, waited_s)
    else:
        _decline(line)
    if following is not None:
        return following
    return _on(element, line, result, queue, waited_s)


def _task(element: Element) -> str:
    """A Task goes to a workflow; here callers of one workflow wait in a queue of its name."""
    has_task = any(child.name == "Task" for child in element.children)
    return element.get("workflowSid") if has_task else ""


def _out(line: Line, queue: Queue) -> None:
    queue.members[:] = [one for one in queue.members if one.call_sid != line.call.sid]
    line.office.bells.pop(line.call.sid, None)
    queue.updated_at = line.office.now


def _decline(line: Line) -> None:
    """Whoever took the call at this very moment has nobody to talk to."""
    taking = line.office.taken.pop(line.call.sid, None)
    if taking is not None:
        taking.becomes("over")


def _bridged(element: Element, line: Line, queue: Queue, waited_s: float) -> Script[str]:
    """With whoever took the call, to the end. Gives QueueResult."""
    taking = line.office.taken.pop(line.call.sid, None)
    if taking is None:
        line.hears("talking", f"queue:{queue.friendly_name}")
        yield Wait(min(_agent(line, queue.friendly_name)[1], CALL_MAX_S))
        return "bridged"
    phone = line.person.phone
    try:
        yield from _before(line, queue, taking, waited_s)
        if taking.stage == "over":
            return "error"
        taking.becomes("talking")
        line.hears("talking", f"queue:{queue.friendly_name}")
        if phone is not None and taking.phone is not None:
            phone.connect(taking.phone)
        while taking.stage == "talking":
            yield Listen(taking.bell, CALL_MAX_S)
    except Interruption as news:
        stage = taking.stage
        taking.becomes("over")
        result = "bridging-in-process" if stage == "taken" else "bridged"
        if isinstance(news, Replaced):
            result = "redirected-from-bridged"
        if isinstance(news, HungUp | Replaced):
            yield from _tell_only(element, line, result, queue, waited_s)
        raise
    finally:
        if phone is not None:
            phone.disconnect()
    return "bridged"


def _before(line: Line, queue: Queue, taking: Taking, waited_s: float) -> Script[None]:
    """The url of the Queue noun runs on the queued caller's end. One that cannot be had is passed over."""
    if not taking.url:
        return
    told = {"QueueSid": queue.sid, "QueueTime": str(round(waited_s)), "DequeingCallSid": taking.agent_call_sid}
    step: Next = Goto(taking.url, taking.method, told)
    base = line.url
    try:
        while isinstance(step, Goto):
            page = yield from load_without_fallback(line, step.url, step.method, step.extra)
            if isinstance(page, Unusable):
                break
            line.url = page.url
            step = yield from perform(line, page.document.root.children, _BEFORE_VERBS, refused=13201)
    except Unrunnable:
        pass  # The alert is written; the two are connected all the same (assumption: not documented).
    finally:
        line.url = base


def _agent(line: Line, name: str) -> tuple[float, float]:
    """Seconds until an agent outside takes a new caller, and seconds they talk. Nobody: never."""
    address = f"queue:{name}"
    if address not in line.office.world.parties:
        return inf, 0.0
    party = line.office.party(address)
    return (party.after_s, party.talks_s) if party.answers else (inf, 0.0)


def _wait(element: Element, line: Line, queue: Queue, joined: float) -> Script[tuple[str, Next | None]]:
    """Wait music until somebody comes or the waiting document ends it. Gives QueueResult and, if decided, what next."""
    office, name = line.office, queue.friendly_name
    taken_at = min(joined + _agent(line, name)[0], joined + CALL_MAX_S)
    bell = office.bell(line.call.sid)

    def is_taken() -> bool:
        return line.call.sid in office.taken

    if not element.get("waitUrl"):
        line.hears("hold-music", f"queue:{name}")
        yield from cut_short(_music(), office, taken_at, bell, is_taken)
        return "bridged", None
    verb = word(element, "waitUrlMethod")
    url = address_of(line, element, "waitUrl")
    base = line.url
    step = Goto(url, verb)
    try:
        while True:
            begun = office.now
            script = _wait_once(line, step, queue, joined)
            following = yield from cut_short(script, office, taken_at, bell, is_taken)
            if following is None or is_taken():
                return "bridged", None
            match following:
                case Goto():
                    step = following
                case Over():
                    return "hangup", following
                case Left():
                    return "leave", None
                case GoOn():
                    step = Goto(url, verb)
            if office.now == begun:
                line.hears("silence")
                yield from _until_taken(line, _LOOP_S, is_taken, queue)
    except (_NoWaiting, Unrunnable):
        return "error", None
    finally:
        line.url = base


def _music() -> Script[None]:
    yield Wait(CALL_MAX_S)


def _until_taken(line: Line, seconds: float, is_taken: Callable[[], bool], queue: Queue) -> Script[None]:
    def wait() -> Script[None]:
        yield Wait(seconds)

    yield from cut_short(wait(), line.office, bell=line.office.bell(line.call.sid), is_so=is_taken)


class _NoWaiting(Exception):
    """The waiting document cannot be had: QueueResult is error."""


def _wait_once(line: Line, step: Goto, queue: Queue, joined: float) -> Script[Next]:
    told = dict(step.extra) | {
        "QueueSid": queue.sid,
        "QueuePosition": str(queue.position(line.call.sid)),
        "QueueTime": str(round(line.office.now - joined)),
        "AvgQueueTime": str(queue.average_wait_s),
        "CurrentQueueSize": str(queue.current_size),
        "MaxQueueSize": str(queue.max_size),
    }
    page = yield from load_without_fallback(line, step.url, step.method, told)
    if isinstance(page, Unusable):
        raise _NoWaiting
    line.url = page.url
    return (yield from perform(line, page.document.root.children, _WAITING_VERBS))


def _told(result: str, queue: Queue, waited_s: float) -> dict[str, str]:
    return {"QueueResult": result, "QueueSid": queue.sid, "QueueTime": str(round(waited_s))}


def _tell_only(element: Element, line: Line, result: str, queue: Queue, waited_s: float) -> Script[None]:
    """Ask ``action`` and do nothing with what it answers: the call is elsewhere already, or over."""
    url = address_of(line, element, "action")
    if url:
        yield from load_without_fallback(line, url, word(element, "method"), _told(result, queue, waited_s))


def _on(element: Element, line: Line, result: str, queue: Queue, waited_s: float) -> Next:
    url = address_of(line, element, "action")
    return Goto(url, word(element, "method"), _told(result, queue, waited_s)) if url else GoOn()
