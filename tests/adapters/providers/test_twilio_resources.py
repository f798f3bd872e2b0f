"""Any kind of resource goes through the adapter to a twin and back; what is not as documented is said, not guessed."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

import pytest

from adapters.providers.test_twilio_region import Scripted, ask
from asking_the_twin import small_world
from ports.resource_promises import ResourcePromises, Story
from ports.small_twilio import answer, error
from voicedr.adapters.http.in_process import InProcessSend
from voicedr.adapters.pace import Pace
from voicedr.adapters.providers.twilio import TwilioRegion
from voicedr.ports.provider import Refused, Unreachable, Unsettled
from voicedr.program.readiness.facts import Unobserved
from voicedr.program.readiness.kinds import KINDS, Resource
from voicedr.program.readiness.snapshot import UNSERVED
from voicedr.program.vocabulary import Region
from voicedr.testing.virtual_time import VirtualClock, run_virtual
from voicedr.twin.twin import Twin
from voicedr.twin.world.account import world_from_account
from voicedr.twin.world.model import REGIONS, World
from voicedr.usecases.read_estate import read_estate
from voicedr.wire.http import Failure, Request, Response, Timeouts, no_response


class TestTwilioResources(ResourcePromises):
    """The adapter against the twin, each with the Region's standard key."""

    world: World

    def run(self, story: Story) -> None:
        """In one process and virtual time."""
        self.world = world_from_account({"numbers": [{"e164": f"+1415555010{n}"} for n in range(2)]}, 7, 1.7e9)
        tell(self.world, story)

    def password_of(self, username: str) -> str | None:
        """As the twin keeps it."""
        for made in self.world.regions["ie1"].credential_lists.values():
            for credential in made.credentials.values():
                if credential.username == username:
                    return credential.password
        return None


def tell(world: World, story: Story) -> None:
    """Run a story with adapters for the Regions of a twin."""

    async def nobody(request: Request, timeouts: Timeouts) -> Response:
        raise AssertionError(request.url)

    async def main(clock: VirtualClock) -> None:
        twin = Twin(world, clock, nobody)
        send = InProcessSend({}, clock, otherwise=twin.respond)
        pace = Pace(50.0, clock)

        def provider(region: Region) -> TwilioRegion:
            key = next(iter(world.regions[region].keys.values()))
            return TwilioRegion(
                world.account_sid, region, REGIONS[region], key.sid, key.secret, send, clock, pace, pace,
                chance=lambda: 0.5,
            )  # fmt: skip

        try:
            await story(provider)
        finally:
            await twin.close()

    run_virtual(main, limit_s=86_400)


def test_all_pages_of_a_kind_are_read_from_the_twin() -> None:
    """A list of more than a page comes whole: as many as there are, none twice."""
    account = {"numbers": [{"e164": f"+1415{n:07d}"} for n in range(5_550_000, 5_552_345)]}

    async def story(providers: Any) -> None:
        numbers = await providers(Region("ie1")).resources(KINDS["number"])
        assert len({one.sid for one in numbers}) == len(numbers) == 2345

    tell(world_from_account(account, 7, 1.7e9), story)


def test_a_whole_region_is_read_with_a_standard_key() -> None:
    """All but what only us1 serves, and the keys, which such a key may not list; no error stops the reading."""

    async def story(providers: Any) -> None:
        clock = VirtualClock()
        for region in (Region("us1"), Region("ie1")):
            found = await read_estate(providers(region), clock, lambda product, what: f"{product} {what}")
            unseen = {kind: fact for kind, fact in found.items() if isinstance(fact, Unobserved)}
            keys = unseen.pop("api-key")
            assert (keys.refused, "may not read the API keys" in keys.reason) == (True, True)
            assert unseen == ({"caller-id": Unobserved(UNSERVED)} if region == "ie1" else {})
            assert len(found["origination-url"].value) == 1  # type: ignore[union-attr]
            assert len(found["number"].value) == 3  # type: ignore[union-attr]

    tell(small_world(), story)


def test_a_path_and_a_form_follow_from_the_kind() -> None:
    """Product, edge and Region in the host; .json only in the 2010 API; words for true and false; empty empties."""
    send = Scripted(answer(201, {"sid": "OU1", "enabled": True}))
    made, _ = ask(send, lambda p: p.create(KINDS["origination-url"], {"enabled": True, "weight": None}, "TK1"))
    assert made == Resource(
        "origination-url", "OU1", "TK1", dict.fromkeys(fields("origination-url")) | {"enabled": True}
    )
    request = send.requests[0]
    assert request.url == "https://trunking.dublin.ie1.twilio.com/v1/Trunks/TK1/OriginationUrls"
    assert form_of(request) == {"Enabled": ["true"]}
    send = Scripted(answer(200, {"sid": "AP1"}))
    ask(send, lambda p: p.update(KINDS["application"], "AP/1", {"voice_url": None, "voice_caller_id_lookup": False}))
    assert send.requests[0].url.endswith("/Applications/AP%2F1.json")
    assert form_of(send.requests[0]) == {"VoiceUrl": [""], "VoiceCallerIdLookup": ["false"]}
    send = Scripted(answer(201, {"sid": "AL1"}))
    ask(send, lambda p: p.create(KINDS["domain-acl"], {"sid": "AL1"}, "SD1"))
    assert send.requests[0].url.endswith("/SIP/Domains/SD1/Auth/Calls/IpAccessControlListMappings.json")
    assert form_of(send.requests[0]) == {"IpAccessControlListSid": ["AL1"]}


@pytest.mark.parametrize(
    ("kind", "item", "seen"),
    [
        ("queue", {"friendly_name": "", "max_size": "100"}, {"friendly_name": None, "max_size": 100}),
        ("queue", {"friendly_name": "w", "max_size": None}, {"friendly_name": "w", "max_size": None}),
        ("sip-domain", {"secure": "false", "voice_url": ""}, {"secure": False, "voice_url": None}),
    ],
)
def test_words_become_what_the_field_is(kind: str, item: dict[str, Any], seen: dict[str, Any]) -> None:
    """Empty is None, a number in letters is a number, and "false" is not true."""
    body = {KINDS[kind].list_key: [{"sid": "X1", **item}], "next_page_uri": None}
    found, _ = ask(Scripted(answer(200, body)), lambda p: p.resources(KINDS[kind]))
    assert isinstance(found, list)
    assert {name: found[0].fields[name] for name in seen} == seen


@pytest.mark.parametrize(
    ("item", "why"),
    [
        ({"friendly_name": "no sid"}, "no sid"),
        ({"sid": "QU1", "max_size": "many"}, "not a whole number"),
        ({"sid": "QU1", "friendly_name": ["a"]}, "array"),
        ({"sid": 7}, "no sid"),
    ],
)
def test_what_is_not_as_documented_is_not_read(item: dict[str, Any], why: str) -> None:
    """A read of it is as good as none, and a write of it is unsettled."""
    body = {"queues": [item], "next_page_uri": None}
    read, _ = ask(Scripted(answer(200, body)), lambda p: p.resources(KINDS["queue"]))
    assert isinstance(read, Unreachable)
    assert why in str(read)
    made, _ = ask(Scripted(answer(201, item)), lambda p: p.create(KINDS["queue"], {"friendly_name": "w"}))
    assert isinstance(made, Unsettled)
    assert "List them before repeating" in str(made)


def test_a_password_is_in_no_message() -> None:
    """Not even where the provider repeats it."""
    secret = "Quite4LongEnough"
    send = Scripted(error(400, 21243, f"Password {secret} is too simple"))
    made, _ = ask(send, lambda p: p.create(KINDS["credential"], {"username": "desk", "password": secret}, "CL1"))
    assert isinstance(made, Refused)
    assert "desk" in str(made)
    assert secret not in str(made)
    lost = Scripted(no_response(Failure.RESET, f"while sending {secret}"))
    made, _ = ask(lost, lambda p: p.update(KINDS["credential"], "CR1", {"password": secret}, "CL1"))
    assert isinstance(made, Unsettled)
    assert secret not in str(made)
    assert "Read it before repeating" in str(made)


def form_of(request: Request) -> dict[str, list[str]]:
    """The fields of a request's body."""
    return parse_qs(request.body.decode(), keep_blank_values=True)


def fields(kind: str) -> list[str]:
    """The names of a kind's fields."""
    return [field.name for field in KINDS[kind].fields]
