"""The fake keeps the promises of any kind of resource, and its typed things are the same things."""

from __future__ import annotations

import pytest

from ports.resource_promises import ResourcePromises, Story
from voicedr.program.readiness.kinds import KINDS, Resource
from voicedr.program.readiness.resources import OriginationUrl, Trunk, VoiceHandler
from voicedr.program.vocabulary import IE1, US1
from voicedr.testing.fake_provider import FakeAccount, FakeProvider
from voicedr.testing.virtual_time import VirtualClock, run_virtual

NUMBER = "+14155550100"


class TestFakeResources(ResourcePromises):
    """The fake."""

    def run(self, story: Story) -> None:
        """With two Regions of one account."""
        account = FakeAccount()
        account.add_number(NUMBER)
        account.add_number("+14155550101")

        async def main(clock: VirtualClock) -> None:
            await story(lambda region: FakeProvider(account, region, clock))

        run_virtual(main)

    def password_of(self, username: str) -> str | None:
        """The fake keeps none."""
        return None


def test_what_was_added_typed_is_a_resource_and_the_other_way_round() -> None:
    """One store, two views."""
    account = FakeAccount()
    number = account.add_number(NUMBER, "Support")
    app = account.add_application(IE1, "support", VoiceHandler("https://app.example/"))
    account.configure(IE1, number, application_sid=app.sid)
    trunk = account.add_trunk(
        IE1, Trunk("", "yard", None, None, "POST", None, (OriginationUrl("", "sip:a", 1, 2, True),))
    )
    (seen,) = account.resources_in(IE1, KINDS["origination-url"], trunk.sid)
    assert (seen.sid, seen.fields["sip_url"]) == (trunk.origination_urls[0].sid, "sip:a")
    second = Resource(
        "origination-url", "", trunk.sid, {"sip_url": "sip:b", "priority": 2, "weight": 1, "enabled": True}
    )
    account.add_resource(IE1, second)
    assert [url.sip_url for url in account.trunks_in(IE1)[0].origination_urls] == ["sip:a", "sip:b"]
    (as_resource,) = account.resources_in(IE1, KINDS["number"])
    assert as_resource.fields["voice_application_sid"] == app.sid
    assert account.resources_in(US1, KINDS["number"])[0].fields["voice_application_sid"] is None
    with pytest.raises(KeyError, match="add it first"):
        account.add_resource(IE1, Resource("number", "PN" + "9" * 32, None, {}))
