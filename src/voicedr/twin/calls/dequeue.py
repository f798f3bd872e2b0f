"""Dialling a queue: its front caller is taken out and talked to (https://www.twilio.com/docs/voice/twiml/queue).

An empty queue is waited at until somebody joins it or the Dial's timeout is over; one that does not exist, or that
nobody joins in time, ends with another status.
"""

from __future__ import annotations

from dataclasses import dataclass

from voicedr.twin.calls.attributes import address_of, word
from voicedr.twin.calls.commands import Interruption, Listen, RegionLost, Script
from voicedr.twin.calls.line import Line
from voicedr.twin.calls.office import Taking
from voicedr.twin.world.model import Queue
from voicedr.wire.twiml import Element

_NEAR_S = 1e-4
"""What is due within this is due: clocks tell microseconds."""


@dataclass(frozen=True, slots=True)
class Dequeued:
    """How it went: DialCallStatus, and with whom for how long."""

    status: str
    call_sid: str = ""
    talked_s: float | None = None


def dequeue(noun: Element, line: Line, timeout_s: float, talk_s: float) -> Script[Dequeued]:
    """Take the front caller, and talk until one of the two has enough or ``talk_s`` is over."""
    name = noun.text
    if not 1 <= len(name) <= 64:
        raise line.fail(14212 if not name else 14213, f"a queue's name has 1 to 64 characters, this has {len(name)}")
    office = line.office
    queue = office.queue(line.region, name)
    if queue is None:
        return Dequeued("failed")
    give_up_at = office.now + timeout_s
    front = _front(line, queue)
    line.hears("hold-music", f"queue:{name}")
    while not front:
        if office.now >= give_up_at - _NEAR_S:
            return Dequeued("no-answer")
        yield Listen(office.bell(queue.sid), give_up_at - office.now)
        front = _front(line, queue)
    queue.members[:] = [one for one in queue.members if one.call_sid != front]
    taking = office.taken[front] = Taking(line.call.sid, address_of(line, noun, "url"), word(noun, "method"))
    taking.phone = line.person.phone
    office.bell(front).ring()
    try:
        return (yield from _talk(line, queue, front, taking, talk_s))
    except RegionLost:
        raise
    except Interruption:
        taking.becomes("over")
        raise


def _front(line: Line, queue: Queue) -> str:
    """The call SID of whoever has waited longest; empty if nobody waits."""
    return next((one.call_sid for one in queue.members if one.call_sid not in line.office.taken), "")


def _talk(line: Line, queue: Queue, front: str, taking: Taking, talk_s: float) -> Script[Dequeued]:
    office = line.office
    while taking.stage == "taken":
        yield Listen(taking.bell, talk_s)
    if taking.stage == "over":
        return Dequeued("no-answer", front)
    begun = office.now
    line.hears("talking", f"queue:{queue.friendly_name}")
    while taking.stage == "talking":
        left_s = begun + talk_s - office.now
        if left_s <= _NEAR_S:
            taking.becomes("over")
            break
        yield Listen(taking.bell, left_s)
    return Dequeued("completed", front, office.now - begun)
