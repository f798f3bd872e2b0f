"""Conferences of the Region that mixes them, newest first, and the way to end one.

Source: https://www.twilio.com/docs/voice/api/conference-resource (read 2026-11-21). ``region`` is where the sound is
mixed, not where calls are processed; here both are the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from voicedr.twin.api.answers import Refused, resource, rfc2822
from voicedr.twin.api.ask import Ask, Endpoint, Stir
from voicedr.twin.api.dates import window
from voicedr.twin.api.paging import page_2010
from voicedr.twin.world.model import Conference
from voicedr.wire.http import Response

STATUSES = ("init", "in-progress", "completed")


def show(ask: Ask, conference: Conference) -> dict[str, Any]:
    """A conference."""
    uri = f"/2010-04-01/Accounts/{ask.world.account_sid}/Conferences/{conference.sid}"
    return {
        "sid": conference.sid,
        "account_sid": ask.world.account_sid,
        "friendly_name": conference.friendly_name,
        "status": conference.status,
        "region": conference.region or ask.region,
        "reason_conference_ended": conference.reason_ended or None,
        "call_sid_ending_conference": conference.call_sid_ending_conference or None,
        "api_version": "2010-04-01",
        "date_created": rfc2822(conference.created_at),
        "date_updated": rfc2822(conference.updated_at),
        "uri": uri + ".json",
        "subresource_uris": {"participants": uri + "/Participants.json", "recordings": uri + "/Recordings.json"},
    }


def list_(ask: Ask) -> Response:
    """The Region's conferences by name, status and days."""
    return page_2010(ask, "conferences", _matching(ask), lambda conference: show(ask, conference))


def fetch(ask: Ask) -> Response:
    """One conference."""
    return resource(show(ask, one_conference(ask)))


def update(ask: Ask) -> Response:
    """End it: everybody in it goes on with what follows in their TwiML. There is nothing else to be changed.

    ``AnnounceUrl`` is refused, because the twin plays no announcements into a conference.
    """
    conference = one_conference(ask)
    if ask.given("AnnounceUrl"):
        raise Refused(400, 20001, "AnnounceUrl: the twin plays no announcements into a conference")
    status = ask.one_of("Status", "", ("completed",))
    if status and conference.status != "completed":
        # The calls in it see that it is over, leave, and write why.
        conference.status, conference.updated_at, conference.ended_at = "completed", ask.now, ask.now
        ask.orders.append(Stir(conference.sid))
    return resource(show(ask, conference))


def one_conference(ask: Ask) -> Conference:
    """The conference of the path.

    Raises:
        Refused: 404 if this Region has none with this id.
    """
    conference = ask.store.conferences.get(ask.ids["conference"])
    if conference is None:
        raise ask.not_found()
    return conference


def _matching(ask: Ask) -> Iterator[Conference]:
    name, status = ask.wanted("FriendlyName"), ask.wanted("Status")
    if status not in (None, *STATUSES):
        raise Refused(400, 20001, f"Status is {status!r}; give one of {', '.join(STATUSES)}")
    created, updated = window(ask, "DateCreated"), window(ask, "DateUpdated")
    for conference in reversed(list(ask.store.conferences.values())):
        if name not in (None, conference.friendly_name) or status not in (None, conference.status):
            continue
        if created.has(conference.created_at) and updated.has(conference.updated_at):
            yield conference


endpoints = (
    Endpoint("api", "2010-04-01", "Conferences", {"GET": list_}),
    Endpoint("api", "2010-04-01", "Conferences/{conference}", {"GET": fetch, "POST": update}),
)
