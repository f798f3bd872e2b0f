"""Queues and who waits in them, in one Region.

Sources: https://www.twilio.com/docs/voice/api/queue-resource and https://www.twilio.com/docs/voice/api/member-resource
(read 2026-11-21): a name of at most 64 characters, 1000 callers unless ``MaxSize`` says otherwise, at most 5000. Only
an empty queue can be deleted. A member is taken out by giving its call a URL. With which code the provider refuses a
taken name, a size or a deletion was not found: here 20001.
"""

from __future__ import annotations

from typing import Any

from voicedr.twin.api.answers import NO_CONTENT, Refused, resource, rfc2822
from voicedr.twin.api.ask import Ask, Endpoint, ModifyCall
from voicedr.twin.api.paging import Row, page_2010
from voicedr.twin.api.voice_fields import checked_method, checked_url
from voicedr.twin.calls.orders import Change
from voicedr.twin.world.model import Queue, QueueMember
from voicedr.wire.http import Response

SIZE, SIZE_MAX = 1000, 5000
NAME_CHARACTERS_MAX = 64
FRONT = "Front"
"""Stands in a path for the call that has waited longest."""


def show(ask: Ask, queue: Queue) -> dict[str, Any]:
    """A queue."""
    uri = f"/2010-04-01/Accounts/{ask.world.account_sid}/Queues/{queue.sid}"
    return {
        "sid": queue.sid,
        "account_sid": ask.world.account_sid,
        "friendly_name": queue.friendly_name,
        "current_size": queue.current_size,
        "average_wait_time": queue.average_wait_s,
        "max_size": queue.max_size,
        "date_created": rfc2822(queue.created_at),
        "date_updated": rfc2822(queue.updated_at),
        "uri": uri + ".json",
    }


def show_member(ask: Ask, queue: Queue, member: QueueMember) -> dict[str, Any]:
    """A call that waits."""
    uri = f"/2010-04-01/Accounts/{ask.world.account_sid}/Queues/{queue.sid}/Members/{member.call_sid}"
    return {
        "call_sid": member.call_sid,
        "queue_sid": queue.sid,
        "position": queue.position(member.call_sid),
        "wait_time": int(ask.now - member.enqueued_at),
        "date_enqueued": rfc2822(member.enqueued_at),
        "uri": uri + ".json",
    }


def list_(ask: Ask) -> Response:
    """The Region's queues."""
    return page_2010(ask, "queues", list(ask.store.queues.values()), lambda queue: show(ask, queue))


def fetch(ask: Ask) -> Response:
    """One queue."""
    return resource(show(ask, _one(ask)))


def create(ask: Ask) -> Response:
    """A new queue with nobody in it."""
    name = _name(ask, None)
    size = ask.whole("MaxSize", SIZE, 1, SIZE_MAX)
    queue = Queue(ask.world.mint("QU"), name, ask.now, ask.now, max_size=size)
    ask.store.queues[queue.sid] = queue
    return resource(show(ask, queue), 201)


def update(ask: Ask) -> Response:
    """Change the fields that are sent."""
    queue = _one(ask)
    name = _name(ask, queue) if "FriendlyName" in ask.form else queue.friendly_name
    size = ask.whole("MaxSize", queue.max_size, 1, SIZE_MAX)
    queue.friendly_name, queue.max_size, queue.updated_at = name, size, ask.now
    return resource(show(ask, queue))


def delete(ask: Ask) -> Response:
    """Delete a queue in which nobody waits."""
    queue = _one(ask)
    if queue.members:
        raise Refused(400, 20001, f"Queue {queue.sid} has {queue.current_size} members; an empty one can be deleted")
    del ask.store.queues[queue.sid]
    return NO_CONTENT


def list_members(ask: Ask) -> Response:
    """Who waits, the front one first."""
    queue = _one(ask)
    found = [Row(member.call_sid, member) for member in queue.members]
    return page_2010(ask, "queue_members", found, lambda row: show_member(ask, queue, row.what))


def fetch_member(ask: Ask) -> Response:
    """One who waits."""
    return resource(show_member(ask, _one(ask), _one_member(ask)))


def update_member(ask: Ask) -> Response:
    """Take a call out of the queue: it runs the document at ``Url`` now."""
    queue, member = _one(ask), _one_member(ask)
    ask.required("Url", 21205)
    change = Change(url=checked_url(ask, "Url"), method=checked_method(ask, "Method"))
    ask.orders.append(ModifyCall(ask.region, member.call_sid, change))
    return resource(show_member(ask, queue, member))


def _one(ask: Ask) -> Queue:
    queue = ask.store.queues.get(ask.ids["queue"])
    if queue is None:
        raise ask.not_found()
    return queue


def _one_member(ask: Ask) -> QueueMember:
    for member in _one(ask).members:
        if ask.ids["call"] in (member.call_sid, FRONT):
            return member
    raise ask.not_found()


def _name(ask: Ask, of: Queue | None) -> str:
    name = ask.required("FriendlyName")
    if len(name) > NAME_CHARACTERS_MAX:
        raise Refused(400, 20001, f"FriendlyName has {len(name)} characters; at most {NAME_CHARACTERS_MAX}")
    if any(queue.friendly_name == name and queue is not of for queue in ask.store.queues.values()):
        raise Refused(400, 20001, f"A queue with the FriendlyName {name!r} exists in {ask.region}")
    return name


endpoints = (
    Endpoint("api", "2010-04-01", "Queues", {"GET": list_, "POST": create}),
    Endpoint("api", "2010-04-01", "Queues/{queue}", {"GET": fetch, "POST": update, "DELETE": delete}),
    Endpoint("api", "2010-04-01", "Queues/{queue}/Members", {"GET": list_members}),
    Endpoint("api", "2010-04-01", "Queues/{queue}/Members/{call}", {"GET": fetch_member, "POST": update_member}),
)
