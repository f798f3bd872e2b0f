"""What every ``RegionalProvider`` promises of any kind of resource. Subclass and say what world it stands in.

The world is made through the provider itself, so that the same promises hold for the fake and for the adapter against a
twin: two numbers, and nothing else that anybody made.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest

from voicedr.ports.provider import Refused, RegionalProvider
from voicedr.program.readiness.kinds import KINDS, Kind, Resource, Value, in_order
from voicedr.program.vocabulary import IE1, US1, Region

Providers = Callable[[Region], RegionalProvider]
Story = Callable[[Providers], Awaitable[None]]

MADE: dict[str, dict[str, Value]] = {
    "application": {"friendly_name": "support", "voice_url": "https://app.example/voice", "voice_method": "GET"},
    "ip-acl": {"friendly_name": "office"},
    "ip-address": {"friendly_name": "door", "ip_address": "192.0.2.8", "cidr_prefix_length": 29},
    "credential-list": {"friendly_name": "phones"},
    "credential": {"username": "desk", "password": "Quite4LongEnough"},
    "sip-domain": {"domain_name": "acme.sip.twilio.com", "friendly_name": "acme", "secure": True},
    "trunk": {"friendly_name": "yard", "domain_name": "yard.pstn.twilio.com", "secure": True},
    "origination-url": {
        "sip_url": "sip:sbc.acme.example", "friendly_name": "one", "priority": 10, "weight": 5, "enabled": False,
    },
    "queue": {"friendly_name": "waiting", "max_size": 40},
}  # fmt: skip
"""One of each kind that can be made; of a mapping, what it maps is known when it is made."""

CHANGED: dict[str, dict[str, Value]] = {
    "application": {"voice_url": None, "voice_method": "POST"},
    "number": {"voice_url": "https://app.example/number", "voice_caller_id_lookup": True},
    "ip-acl": {"friendly_name": "head office"},
    "credential-list": {"friendly_name": "desks"},
    "sip-domain": {"voice_url": "https://app.example/sip", "secure": False},
    "trunk": {"disaster_recovery_url": "https://dr.example/", "secure": False},
    "origination-url": {"priority": 20, "enabled": True},
    "queue": {"max_size": 41},
}


class ResourcePromises(ABC):
    """The promises. Each is kept by every adapter and by the fake."""

    @abstractmethod
    def run(self, story: Story) -> None:
        """Run a story in an account of two numbers, with a provider for us1 and one for ie1."""

    @abstractmethod
    def password_of(self, username: str) -> str | None:
        """The password that a SIP user has in ie1 after the story; None if the world does not keep it."""

    def test_every_kind_that_can_be_made_is_made_listed_and_its_own(self) -> None:
        """What was sent is what the answer and the list tell; a password is never told; another Region has none."""

        async def story(providers: Providers) -> None:
            ie1, us1 = providers(IE1), providers(US1)
            made: dict[str, Resource] = {}
            for kind in in_order():
                if kind.makes not in ("create", "create-update"):
                    continue
                parent_sid = made[kind.parent].sid if kind.parent else None
                asked = fields_for(kind, made)
                one = made[kind.id] = await ie1.create(kind, asked, parent_sid)
                assert one.parent_sid == parent_sid
                assert {name: one.fields[name] for name in asked} == {**asked, **hidden(asked)}, kind.id
                assert set(one.fields) == {field.name for field in kind.fields}
                assert one in await ie1.resources(kind, parent_sid)
                if parent_sid is None:
                    assert one.sid not in {other.sid for other in await us1.resources(kind)}
            assert len(made) == 14
            (domain,) = [one for one in await ie1.resources(KINDS["sip-domain"]) if one.sid == made["sip-domain"].sid]
            assert domain.fields["auth_type"] == "IP_ACL,CREDENTIAL_LIST"

        self.run(story)
        assert self.password_of("desk") in (None, "Quite4LongEnough")

    def test_what_is_set_is_there_and_what_is_emptied_is_not(self) -> None:
        """An update answers with the whole; the rest stays; the list says the same; twice is once."""

        async def story(providers: Providers) -> None:
            ie1 = providers(IE1)
            made: dict[str, Resource] = {}
            for kind in in_order(frozenset(CHANGED)):
                parent_sid = made[kind.parent].sid if kind.parent else None
                if kind.makes == "update":
                    before = (await ie1.resources(kind))[0]
                else:
                    before = await ie1.create(kind, fields_for(kind, made), parent_sid)
                made[kind.id] = before
                for _ in range(2):
                    after = await ie1.update(kind, before.sid, CHANGED[kind.id], parent_sid)
                    expected = {**before.fields, **CHANGED[kind.id]}
                    if kind.id == "trunk":
                        expected["disaster_recovery_method"] = "POST"
                    assert after.fields == expected, kind.id
                    assert after in await ie1.resources(kind, parent_sid)

        self.run(story)

    def test_every_kind_can_be_listed_in_us1_or_says_why_not(self) -> None:
        """All but the keys, which need more than a standard key, and never by way of an unclear answer."""

        async def story(providers: Providers) -> None:
            us1, ie1 = providers(US1), providers(IE1)
            for kind in KINDS.values():
                if kind.parent is not None:
                    continue
                if kind.id == "api-key":
                    with suppress(Refused):
                        await us1.resources(kind)
                else:
                    await us1.resources(kind)
                if not kind.us1_only:
                    continue
                with pytest.raises(Refused) as caught:
                    await ie1.resources(kind)
                assert (caught.value.status, caught.value.unserved) == (404, True)
                assert "Nothing changed" in str(caught.value)

        self.run(story)

    def test_what_is_not_in_the_region_is_refused(self) -> None:
        """A parent, a thing or a reference of another Region, or a taken name: refused, and nothing is there."""

        async def story(providers: Providers) -> None:
            us1, ie1 = providers(US1), providers(IE1)
            trunk, acl = KINDS["trunk"], KINDS["ip-acl"]
            elsewhere = await us1.create(trunk, MADE["trunk"])
            office = await us1.create(acl, MADE["ip-acl"])
            own = await ie1.create(trunk, MADE["trunk"])
            (number, _) = await ie1.resources(KINDS["number"])
            for refused in (
                ie1.resources(KINDS["origination-url"], elsewhere.sid),
                ie1.create(KINDS["origination-url"], MADE["origination-url"], elsewhere.sid),
                ie1.update(trunk, elsewhere.sid, {"friendly_name": "mine"}),
                ie1.create(KINDS["trunk-acl"], {"sid": office.sid}, own.sid),
                ie1.update(KINDS["number"], number.sid, {"trunk_sid": elsewhere.sid}),
                ie1.create(trunk, MADE["trunk"]),
            ):
                with pytest.raises(Refused) as caught:
                    await refused
                assert 400 <= caught.value.status < 500
                assert not caught.value.unserved
            assert await ie1.resources(trunk) == [own]
            assert await us1.resources(trunk) == [elsewhere]
            assert not await ie1.resources(KINDS["trunk-acl"], own.sid)
            assert number in await ie1.resources(KINDS["number"])

        self.run(story)

    def test_what_no_request_can_do_is_no_request(self) -> None:
        """Making a number, updating a mapping, a list without its parent: the program is wrong, not the provider."""

        async def story(providers: Providers) -> None:
            ie1 = providers(IE1)
            with pytest.raises(ValueError, match="numbers cannot be made"):
                await ie1.create(KINDS["number"], {"phone_number": "+14155550199"})
            with pytest.raises(ValueError, match="cannot be updated"):
                await ie1.update(KINDS["trunk-acl"], "AL" + "1" * 32, {}, "TK" + "1" * 32)

        self.run(story)


def fields_for(kind: Kind, made: dict[str, Resource]) -> dict[str, Value]:
    """What one of a kind is made with, when what it refers to is there."""
    if kind.makes == "create":
        field = kind.field("sid")
        assert field.refers is not None
        return {"sid": made[field.refers].sid}
    return MADE[kind.id]


def hidden(asked: dict[str, Value]) -> dict[str, Value]:
    """What is never told again."""
    return {name: None for name in asked if name == "password"}
