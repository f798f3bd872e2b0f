"""The fake keeps the provider's promises, and breaks on order."""

from __future__ import annotations

import pytest

from ports.provider_promises import NUMBER, OTHER, SUBJECT, ProviderPromises
from voicedr.ports.clock import Clock
from voicedr.ports.provider import RegionalProvider, Throttled, Unsettled
from voicedr.program.readiness.resources import Routable, VoiceHandler
from voicedr.program.vocabulary import IE1, US1, Region
from voicedr.testing.fake_account import InboundCall, Write
from voicedr.testing.fake_provider import FakeAccount, FakeProvider, Fault
from voicedr.testing.virtual_time import VirtualClock, run_virtual

HANDLER = VoiceHandler(voice_url="https://app.example/voice")


class TestFakeProvider(ProviderPromises):
    """The fake."""

    def make(self, account: FakeAccount, region: Region, clock: Clock) -> RegionalProvider:
        """A fake of one Region."""
        return FakeProvider(account, region, clock)

    def break_it(self, provider: RegionalProvider, method: str, fault: Fault) -> None:
        """By its script."""
        assert isinstance(provider, FakeProvider)
        provider.fail(method, fault)


def test_a_script_names_the_request_and_the_subject() -> None:
    """Only the requests and the subjects in the script go wrong; healing ends it; everything is counted."""

    async def main(clock: VirtualClock) -> None:
        account = FakeAccount()
        account.add_number(NUMBER)
        account.add_number(OTHER)
        ie1 = FakeProvider(account, IE1, clock, latency_s=0.1)
        ie1.fail("set_route", Fault.ANSWER_LOST_AFTER, on={2})
        ie1.fail("set_route", Fault.THROTTLED, about=OTHER)
        await ie1.set_route(SUBJECT, IE1)
        with pytest.raises(Unsettled):
            await ie1.set_route(SUBJECT, US1)
        with pytest.raises(Throttled):
            await ie1.set_route(Routable("number", OTHER), IE1)
        ie1.heal()
        await ie1.set_route(Routable("number", OTHER), IE1)
        assert ie1.asked["set_route"] == account.asked[IE1, "set_route"] == 4
        assert [change.region for change in account.changes] == [IE1, US1, IE1]
        assert clock.monotonic_s() == pytest.approx(0.35)
        with pytest.raises(ValueError, match="not a method"):
            ie1.fail("set_rout", Fault.REFUSED)

    run_virtual(main)


def test_the_program_can_be_killed_before_and_after_every_write() -> None:
    """Hooks stand on both sides of the effect; what they raise goes through."""

    class Killed(BaseException):
        """The process is gone."""

    async def main(clock: VirtualClock) -> None:
        account = FakeAccount()
        account.add_number(NUMBER)
        ie1 = FakeProvider(account, IE1, clock)

        def kill(write: Write) -> None:
            raise Killed(write)

        account.before_write = kill
        with pytest.raises(Killed):
            await ie1.set_route(SUBJECT, IE1)
        assert not account.changes
        account.before_write, account.after_write = None, kill
        with pytest.raises(Killed) as caught:
            await ie1.set_route(SUBJECT, IE1)
        assert caught.value.args[0] == Write(2, IE1, "set_route", NUMBER)
        assert len(account.changes) == 1

    run_virtual(main)


def test_a_call_arrives_where_the_route_has_taken_effect() -> None:
    """During propagation calls go to the old Region; without a handler they leave no line; the outcome can be set."""

    async def main(clock: VirtualClock) -> None:
        waits = iter([300.0, 10.0])
        account = FakeAccount(propagation_s=lambda: next(waits))
        account.add_number(NUMBER)
        account.configure(US1, NUMBER, HANDLER)
        ie1 = FakeProvider(account, IE1, clock)
        await ie1.set_route(SUBJECT, IE1)
        await clock.sleep(299)
        assert account.place_call("+12025550100", NUMBER, now=clock.now())[0] == US1
        await clock.sleep(2)
        assert account.place_call("+12025550100", NUMBER, now=clock.now()) == (IE1, None)
        account.configure(IE1, NUMBER, HANDLER)
        seen: list[InboundCall] = []

        def busy(call: InboundCall) -> str:
            seen.append(call)
            return "busy"

        account.outcome = busy
        region, record = account.place_call("+12025550100", NUMBER, now=clock.now())
        assert (region, record and record.status) == (IE1, "busy")
        assert seen[0].has_handler
        assert [len(account.calls_in(region)) for region in (US1, IE1)] == [1, 1]
        with pytest.raises(KeyError):
            account.place_call("+12025550100", "+19995550100", now=clock.now())

    run_virtual(main)


def test_a_later_change_does_not_overtake_an_earlier_one() -> None:
    """Two changes take effect in the order in which they were made."""

    async def main(clock: VirtualClock) -> None:
        waits = iter([300.0, 10.0])
        account = FakeAccount(propagation_s=lambda: next(waits))
        account.add_number(NUMBER)
        ie1 = FakeProvider(account, IE1, clock)
        await ie1.set_route(SUBJECT, IE1)
        await ie1.set_route(SUBJECT, US1)
        for _ in range(40):
            await clock.sleep(10)
            assert account.effective_region(SUBJECT, clock.now()) == US1
        assert [change.region for change in account.history(SUBJECT)] == [IE1, US1]

    run_virtual(main)
