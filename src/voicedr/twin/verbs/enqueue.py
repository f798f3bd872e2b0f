"""Enqueue: the caller waits in a queue until somebody takes the call (https://www.twilio.com/docs/voice/twiml/enqueue).

Agents are a party named after the queue: with a party ``queue:support`` every caller of the queue ``support`` is taken
after its ``after_s`` and talks for its ``talks_s``. Without one, or with one that does not answer, callers wait until
they give up.
"""

from __future__ import annotations

from math import inf

from voicedr.twin.calls.attributes import absolute, method
from voicedr.twin.calls.commands import HungUp, Script, Wait
from voicedr.twin.calls.cut_short import cut_short
from voicedr.twin.calls.document import Unusable, load_without_fallback
from voicedr.twin.calls.interpreter import perform
from voicedr.twin.calls.line import GoOn, Goto, Left, Line, Next, Over
from voicedr.twin.calls.office import QUEUE_MAX, Queue
from voicedr.twin.calls.ringing import CALL_MAX_S
from voicedr.wire.twiml import Element

_WAITING_VERBS = frozenset({"Play", "Say", "Pause", "Hangup", "Redirect", "Leave", "Gather"})
_LOOP_S = 1.0
"""A waiting document that takes no time is asked for again after this."""


def answers(element: Element) -> bool:
    """It picks up."""
    return True


def act(element: Element, line: Line) -> Script[Next]:
    """Wait, talk to an agent, then on to ``action`` with ``QueueResult``; without one, to the next verb."""
    name = element.text
    if not 1 <= len(name) <= 64:
        line.warn(14204 if not name else 14205, f"a queue's name has 1 to 64 characters, this one {len(name)}")
        return _on(element, line, "error", "", 0.0)
    queue = line.office.queue(line.region, name)
    if len(queue.waiting) >= QUEUE_MAX:
        line.warn(14207, f"queue {name!r} has {QUEUE_MAX} callers and takes no more")
        return _on(element, line, "queue-full", queue.sid, 0.0)
    joined = line.office.now
    queue.waiting.append(line.call.sid)
    try:
        result, following = yield from _wait(element, line, name, queue, joined)
    except HungUp:
        waited_s = line.office.now - joined
        action = _on(element, line, "hangup", queue.sid, waited_s)
        if isinstance(action, Goto):
            yield from load_without_fallback(line, action.url, action.method, action.extra)
        raise
    finally:
        if line.call.sid in queue.waiting:
            queue.waiting.remove(line.call.sid)
    waited_s = line.office.now - joined
    if result == "bridged":
        queue.served += 1
        queue.waited_s += waited_s
        agent = _agent(line, name)
        line.hears("talking", f"queue:{name}")
        yield Wait(min(agent[1], CALL_MAX_S))
    if following is not None:
        return following
    return _on(element, line, result, queue.sid, waited_s)


def _agent(line: Line, name: str) -> tuple[float, float]:
    """Seconds until an agent takes a new caller, and seconds they talk. Nobody: never."""
    address = f"queue:{name}"
    if address not in line.office.world.parties:
        return inf, 0.0
    party = line.office.party(address)
    return (party.after_s, party.talks_s) if party.answers else (inf, 0.0)


def _wait(element: Element, line: Line, name: str, queue: Queue, joined: float) -> Script[tuple[str, Next | None]]:
    """Wait music until an agent comes or the waiting document ends it. Gives QueueResult and, if decided, what next."""
    taken_at = joined + _agent(line, name)[0]
    if not element.get("waitUrl"):
        line.hears("hold-music", f"queue:{name}")
        yield Wait(min(taken_at - line.office.now, CALL_MAX_S))
        return "bridged", None
    url = absolute(line, element.get("waitUrl"))
    verb = method(line, element, 14206, "waitUrlMethod")
    base = line.url
    step = Goto(url, verb)
    try:
        while True:
            begun = line.office.now
            script = _wait_once(line, step, queue, joined)
            following = yield from cut_short(script, line.office, taken_at)
            if following is None:
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
            if line.office.now == begun:
                line.hears("silence")
                yield Wait(_LOOP_S)
    except _NoWaiting:
        return "error", None
    finally:
        line.url = base


class _NoWaiting(Exception):
    """The waiting document cannot be had: QueueResult is error."""


def _wait_once(line: Line, step: Goto, queue: Queue, joined: float) -> Script[Next]:
    now = line.office.now
    told = dict(step.extra) | {
        "QueueSid": queue.sid,
        "QueuePosition": str(queue.waiting.index(line.call.sid) + 1),
        "QueueTime": str(round(now - joined)),
        "AvgQueueTime": str(round(queue.waited_s / queue.served) if queue.served else 0),
        "CurrentQueueSize": str(len(queue.waiting)),
        "MaxQueueSize": str(QUEUE_MAX),
    }
    page = yield from load_without_fallback(line, step.url, step.method, told)
    if isinstance(page, Unusable):
        raise _NoWaiting
    line.url = page.url
    return (yield from perform(line, page.document.root.children, _WAITING_VERBS))


def _on(element: Element, line: Line, result: str, queue_sid: str, waited_s: float) -> Next:
    action = element.get("action")
    if not action:
        return GoOn()
    told = {"QueueResult": result, "QueueSid": queue_sid, "QueueTime": str(round(waited_s))}
    return Goto(absolute(line, action), method(line, element, 14201), told)
