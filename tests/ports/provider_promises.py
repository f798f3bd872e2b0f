"""What every ``RegionalProvider`` promises. Subclass ``ProviderPromises`` and say how to make one.

The world behind the provider is always a ``FakeAccount``, so that a promise can say what is there and look at what came
of it; what stands between the two is the adapter under test.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from voicedr.ports.clock import Clock
from voicedr.ports.provider import (
    ProviderError,
    Refused,
    RegionalProvider,
    Throttled,
    TooLarge,
    Unreachable,
    Unsettled,
    WrongCredential,
)
from voicedr.program.readiness.kinds import KINDS, Resource
from voicedr.program.readiness.resources import (
    Alert,
    OriginationUrl,
    Routable,
    SipDomain,
    Trunk,
    VoiceHandler,
)
from voicedr.program.readiness.typed import number_of
from voicedr.program.reconciliation.kept import Kept, KeptKind
from voicedr.program.vocabulary import AU1, IE1, US1, Region
from voicedr.testing.fake_provider import FakeAccount, Fault
from voicedr.testing.virtual_time import VirtualClock, run_virtual

NUMBER = "+14155550100"
OTHER = "+14155550101"
SUBJECT = Routable("number", NUMBER)
HANDLER = VoiceHandler(
    voice_url="https://app.example/voice",
    voice_fallback_url="https://dr.example/voice",
    voice_fallback_method="GET",
    status_callback="https://app.example/status",
)
START = datetime(2026, 6, 1, 12, 0, 0, 400_000, tzinfo=UTC)

OLD_QUEUE = "QU" + "0" * 31 + "9"
READS: list[tuple[str, Callable[[RegionalProvider], Awaitable[object]]]] = [
    ("check_credential", lambda provider: provider.check_credential()),
    ("numbers", lambda provider: provider.numbers()),
    ("applications", lambda provider: provider.applications()),
    ("trunks", lambda provider: provider.trunks()),
    ("sip_domains", lambda provider: provider.sip_domains()),
    ("resources", lambda provider: provider.resources(KINDS["queue"])),
    ("route", lambda provider: provider.route(SUBJECT)),
    ("calls", lambda provider: provider.calls()),
    ("alerts", lambda provider: provider.alerts(since=START)),
    ("kept", lambda provider: provider.kept("recording", since=START, until=START)),
    ("media", lambda provider: provider.media("RE" + "1" * 32, form="wav", bytes_max=100)),
]
WRITES: list[tuple[str, Callable[[RegionalProvider], Awaitable[object]]]] = [
    ("create", lambda provider: provider.create(KINDS["queue"], {"friendly_name": "waiting"})),
    (
        "update",
        lambda provider: provider.update(KINDS["number"], "PN" + "0" * 31 + "1", {"voice_url": "https://x.example/"}),
    ),
    ("remove", lambda provider: provider.remove(KINDS["queue"], OLD_QUEUE)),
    ("set_route", lambda provider: provider.set_route(SUBJECT, IE1)),
    ("place_call", lambda provider: provider.place_call(from_=OTHER, to=NUMBER, twiml="<Response/>")),
]
EVERY = READS + WRITES
names = {"argnames": ("method", "ask"), "ids": lambda value: value if isinstance(value, str) else ""}


_PREFIXES: dict[KeptKind, str] = {"recording": "RE", "transcription": "TR", "message": "SM", "call": "CA"}


def kept(kind: KeptKind, n: int, at: datetime) -> Kept:
    """The n-th thing of a kind."""
    sid = f"{_PREFIXES[kind]}{n + 1:032x}"
    told = {"sid": sid, "status": "completed"}
    one = Kept(kind, sid, at, f"https://ie1.example/{sid}.json", msgspec.json.encode(told), status="completed")
    match kind:
        case "recording":
            return msgspec.structs.replace(one, call_sid="CA" + "7" * 32, source="RecordVerb")
        case "message":
            return msgspec.structs.replace(one, from_=OTHER, to=NUMBER, direction="inbound")
        case _:
            return msgspec.structs.replace(one, recording_sid="RE" + "1" * 32)


class ProviderPromises(ABC):
    """The promises. Each is kept by every adapter and by the fake."""

    @abstractmethod
    def make(self, account: FakeAccount, region: Region, clock: Clock) -> RegionalProvider:
        """A provider of one Region of the account."""

    @abstractmethod
    def break_it(self, provider: RegionalProvider, method: str, fault: Fault) -> None:
        """Let every request of one method go wrong from now on."""

    def run(self, story: Callable[[FakeAccount, RegionalProvider, VirtualClock], Awaitable[None]]) -> FakeAccount:
        """Run a story in ie1 with an account of two numbers."""
        account = FakeAccount(propagation_s=120)
        account.add_number(NUMBER, "Support", route=None)
        account.add_number(OTHER, None, route=AU1)
        account.add_resource(IE1, Resource("queue", OLD_QUEUE, None, {"friendly_name": "old"}))

        async def main(clock: VirtualClock) -> None:
            await story(account, self.make(account, IE1, clock), clock)

        run_virtual(main, start=START, limit_s=86_400)
        return account

    def test_it_says_which_region_it_is(self) -> None:
        """The Region is the one whose hosts and key it uses."""

        async def story(account: FakeAccount, provider: RegionalProvider, clock: VirtualClock) -> None:
            assert provider.region == IE1
            await provider.check_credential()

        self.run(story)

    def test_a_number_shows_this_regions_configuration(self) -> None:
        """Numbers are the same everywhere, their configuration is one for each Region; empty and absent are None."""

        async def story(account: FakeAccount, provider: RegionalProvider, clock: VirtualClock) -> None:
            account.configure(IE1, NUMBER, HANDLER)
            account.configure(US1, OTHER, VoiceHandler(voice_url="https://us.example/"))
            by_number = {number.e164: number for number in await provider.numbers()}
            assert by_number[NUMBER].handler == HANDLER
            assert by_number[NUMBER].friendly_name == "Support"
            assert by_number[NUMBER].voice_application_sid is None
            assert by_number[OTHER].handler == VoiceHandler()
            assert by_number[OTHER].trunk_sid is None
            assert by_number[OTHER].friendly_name is None
            assert {number.sid for number in account.numbers_in(US1)} == {n.sid for n in by_number.values()}

        self.run(story)

    def test_a_number_names_its_application_and_its_trunk(self) -> None:
        """What overrides a number's URLs is there."""

        async def story(account: FakeAccount, provider: RegionalProvider, clock: VirtualClock) -> None:
            app = account.add_application(IE1, "support", HANDLER)
            account.configure(IE1, NUMBER, application_sid=app.sid)
            account.configure(IE1, OTHER, trunk_sid="TK" + "1" * 32)
            by_number = {number.e164: number for number in await provider.numbers()}
            assert by_number[NUMBER].voice_application_sid == app.sid
            assert by_number[OTHER].trunk_sid == "TK" + "1" * 32
            assert list(await provider.applications()) == [app]

        self.run(story)

    def test_every_page_is_read(self) -> None:
        """Long lists come whole, in order and without doubles."""

        async def story(account: FakeAccount, provider: RegionalProvider, clock: VirtualClock) -> None:
            many = [account.add_number(f"+1415555{n:04d}") for n in range(1000, 1025)]
            for n in range(25):
                account.add_application(IE1, f"app {n}", HANDLER)
                account.add_trunk(IE1, Trunk("", f"trunk {n}", f"t{n}.pstn.twilio.com", None, "POST", None))
            assert [number.e164 for number in await provider.numbers()] == [NUMBER, OTHER, *many]
            assert list(await provider.applications()) == account.applications_in(IE1)
            assert [trunk.friendly_name for trunk in await provider.trunks()] == [f"trunk {n}" for n in range(25)]

        self.run(story)

    def test_trunks_come_with_their_origination_urls(self) -> None:
        """A trunk is whole; what is not set is None, and an empty auth type is not set."""

        async def story(account: FakeAccount, provider: RegionalProvider, clock: VirtualClock) -> None:
            urls = (
                OriginationUrl("OU" + "1" * 32, "sip:sbc1.acme.example", 10, 10, True),
                OriginationUrl("OU" + "2" * 32, "sip:sbc2.acme.example;edge=dublin", 20, 5, False),
            )
            full = account.add_trunk(
                IE1, Trunk("", "acme", "acme.pstn.twilio.com", "https://dr.example/", "GET", "IP_ACL", urls)
            )
            bare = account.add_trunk(IE1, Trunk("", None, None, None, "POST", None))
            account.add_trunk(US1, Trunk("", "elsewhere", None, None, "POST", None))
            assert list(await provider.trunks()) == [full, bare]

        self.run(story)

    def test_sip_domains_come_with_their_handler(self) -> None:
        """A SIP domain of this Region, its status callback under its own field name."""

        async def story(account: FakeAccount, provider: RegionalProvider, clock: VirtualClock) -> None:
            domain = account.add_sip_domain(IE1, SipDomain("", "acme.sip.twilio.com", "acme", HANDLER, "IP_ACL"))
            bare = account.add_sip_domain(IE1, SipDomain("", "b.sip.twilio.com", None, VoiceHandler(), None))
            assert list(await provider.sip_domains()) == [domain, bare]

        self.run(story)

    def test_the_same_thing_is_seen_as_a_resource(self) -> None:
        """What the typed readings tell is in the resources, and what is set there is seen in the typed readings."""

        async def story(account: FakeAccount, provider: RegionalProvider, clock: VirtualClock) -> None:
            account.configure(IE1, NUMBER, HANDLER)
            seen = await provider.resources(KINDS["number"])
            assert [number_of(one) for one in seen] == list(await provider.numbers())
            assert [one.name for one in seen] == [NUMBER, OTHER]
            set_ = {"voice_url": "https://new.example/", "voice_fallback_url": None, "voice_fallback_method": "POST"}
            after = await provider.update(KINDS["number"], seen[0].sid, set_)
            assert after in await provider.resources(KINDS["number"])
            (number,) = [one for one in await provider.numbers() if one.e164 == NUMBER]
            assert number.handler == VoiceHandler("https://new.example/", status_callback="https://app.example/status")
            assert next(one for one in account.numbers_in(US1) if one.e164 == NUMBER).handler == VoiceHandler()

        self.run(story)

    def test_what_is_taken_off_is_off_also_the_second_time(self) -> None:
        """One that is not there is what was wanted."""

        async def story(account: FakeAccount, provider: RegionalProvider, clock: VirtualClock) -> None:
            for _ in range(2):
                await provider.remove(KINDS["queue"], OLD_QUEUE)
            assert await provider.resources(KINDS["queue"]) == []
            assert len(account.removed) == 1

        self.run(story)

    def test_a_route_that_was_never_set_is_none(self) -> None:
        """None, not us1: the rule is the caller's to apply."""

        async def story(account: FakeAccount, provider: RegionalProvider, clock: VirtualClock) -> None:
            assert await provider.route(SUBJECT) is None
            route = await provider.route(Routable("number", OTHER))
            assert route is not None
            assert route.region == AU1

        self.run(story)

    @pytest.mark.parametrize("kind", ["number", "trunk", "sip-domain"])
    def test_a_route_is_set_and_read_back(self, kind: str) -> None:
        """All three kinds are routed by name; saying it twice is saying it once; the answer comes before the effect."""

        async def story(account: FakeAccount, provider: RegionalProvider, clock: VirtualClock) -> None:
            account.add_trunk(IE1, Trunk("", "acme", "acme.pstn.twilio.com", None, "POST", None))
            account.add_sip_domain(IE1, SipDomain("", "acme.sip.twilio.com", None, VoiceHandler(), None))
            name = {"number": NUMBER, "trunk": "acme.pstn.twilio.com", "sip-domain": "acme.sip.twilio.com"}[kind]
            subject = Routable(kind, name)  # type: ignore[arg-type]
            route = await provider.set_route(subject, IE1)
            assert (route.subject, route.region) == (subject, IE1)
            assert await provider.route(subject) == route
            assert await provider.set_route(subject, IE1) == route
            assert account.effective_region(subject, clock.now()) == US1
            await clock.sleep(121)
            assert account.effective_region(subject, clock.now()) == IE1
            assert (await provider.set_route(subject, US1)).region == US1

        account = self.run(story)
        assert [change.via for change in account.changes] == [IE1, IE1, IE1]

    def test_what_is_not_ours_or_no_region_is_refused(self) -> None:
        """Refused, and nothing changed."""

        async def story(account: FakeAccount, provider: RegionalProvider, clock: VirtualClock) -> None:
            for subject, region in (
                (Routable("number", "+19995550100"), IE1),
                (Routable("trunk", "not-ours.pstn.twilio.com"), IE1),
                (SUBJECT, Region("xx1")),
            ):
                with pytest.raises(Refused) as caught:
                    await provider.set_route(subject, region)
                assert 400 <= caught.value.status < 500
                assert subject.name in str(caught.value)

        assert not self.run(story).changes

    def test_a_call_is_placed_and_found_in_the_log(self) -> None:
        """A placed call has a SID; it is in this Region's log, and at an own number where that is routed."""

        async def story(account: FakeAccount, provider: RegionalProvider, clock: VirtualClock) -> None:
            account.configure(AU1, OTHER, HANDLER)
            sid = await provider.place_call(from_=NUMBER, to=OTHER, twiml="<Response><Hangup/></Response>")
            (call,) = await provider.calls(to=OTHER, started_after=START)
            assert (call.sid, call.direction, call.from_, call.to) == (sid, "outbound-api", NUMBER, OTHER)
            assert call.status == "completed"
            (arrived,) = await self.make(account, AU1, clock).calls(to=OTHER)
            assert (arrived.direction, arrived.from_) == ("inbound", NUMBER)
            assert await provider.calls(to="+19995550100") == []

        self.run(story)

    def test_the_call_log_is_exact_to_the_second_and_newest_first(self) -> None:
        """Not by day: a call a second earlier is out, one of the same second is in; the limit keeps the newest."""

        async def story(account: FakeAccount, provider: RegionalProvider, clock: VirtualClock) -> None:
            account.configure(US1, NUMBER, HANDLER)
            account.configure(IE1, NUMBER, HANDLER)
            account.seed_route(SUBJECT, IE1)
            for n in range(30):
                account.place_call(f"+1202555{n:04d}", NUMBER, now=clock.now())
                await clock.sleep(1)
            cut = START + timedelta(seconds=10)
            calls = await provider.calls(started_after=cut)
            assert [call.from_ for call in calls] == [f"+1202555{n:04d}" for n in range(29, 9, -1)]
            assert all(call.started_at and call.started_at.tzinfo for call in calls)
            newest = await provider.calls(limit=12)
            assert [call.from_ for call in newest] == [f"+1202555{n:04d}" for n in range(29, 17, -1)]
            assert await provider.calls(started_after=START + timedelta(hours=1)) == []

        self.run(story)

    def test_alerts_are_this_regions_errors_and_warnings_newest_first(self) -> None:
        """Since a moment, with the error code as a number; notices are not alerts."""

        async def story(account: FakeAccount, provider: RegionalProvider, clock: VirtualClock) -> None:
            def alert(n: int, level: str, seconds: float) -> Alert:
                at = START.replace(microsecond=0) + timedelta(seconds=seconds)
                return Alert(f"NO{n:032x}", 11200, level, "CA" + "1" * 32, "https://app.example/", "HTTP 500", at)

            early, old, new = alert(1, "error", -60), alert(2, "error", 5), alert(3, "warning", 9)
            bare = Alert(f"NO{5:032x}", None, "error", None, None, None, START.replace(microsecond=0))
            for one in (early, old, new, alert(4, "notice", 7), bare):
                account.add_alert(IE1, one)
            account.add_alert(US1, alert(6, "error", 5))
            await clock.sleep(10)
            assert list(await provider.alerts(since=START)) == [new, old, bare]
            assert list(await provider.alerts(since=START, limit=1)) == [new]

        self.run(story)

    def test_what_a_region_keeps_comes_whole_and_exact_to_the_second(self) -> None:
        """Calls, recordings, transcriptions and messages of a time: all pages, newest first, nothing of elsewhere."""

        async def story(account: FakeAccount, provider: RegionalProvider, clock: VirtualClock) -> None:
            begin = START.replace(microsecond=0)
            for kind in ("recording", "transcription", "message"):
                for second in range(30):
                    account.keep(IE1, kept(kind, second, begin + timedelta(seconds=second)))
                account.keep(US1, kept(kind, 99, begin + timedelta(seconds=5)))
                since, until = begin + timedelta(seconds=3), begin + timedelta(seconds=20)
                found = await provider.kept(kind, since=since, until=until)
                assert [one.sid for one in found] == [kept(kind, n, begin).sid for n in range(20, 2, -1)]
                for one in found:
                    told = msgspec.json.decode(one.raw)
                    assert (told["sid"], one.kind) == (one.sid, kind)
                    assert one.at is not None
                    assert one.sid in one.url
                assert len(await provider.kept(kind, since=since, until=until, limit=4)) == 4
                assert await provider.kept(kind, since=until + timedelta(days=3), until=until + timedelta(days=4)) == []
            recording = (await provider.kept("recording", since=begin, until=begin))[0]
            assert (recording.call_sid, recording.source) == ("CA" + "7" * 32, "RecordVerb")
            message = (await provider.kept("message", since=begin, until=begin))[0]
            assert (message.from_, message.to) == (OTHER, NUMBER)
            sid = await provider.place_call(from_=NUMBER, to="+19995550100", twiml="<Response/>")
            (call,) = await provider.kept("call", since=begin, until=clock.now())
            assert (call.sid, call.from_, call.to) == (sid, NUMBER, "+19995550100")

        self.run(story)

    def test_the_sound_of_a_recording_is_whole_or_too_large_or_refused(self) -> None:
        """Every byte; never more than asked for; what is not there, or in another Region, is refused."""

        async def story(account: FakeAccount, provider: RegionalProvider, clock: VirtualClock) -> None:
            body = b"RIFF" + bytes(range(256)) * 40
            here = account.keep(IE1, kept("recording", 1, START), body)
            account.keep(US1, kept("recording", 2, START), body)
            got = await provider.media(here.sid, form="wav", bytes_max=len(body))
            assert got.body == body
            assert got.url.endswith(f"{here.sid}.wav")
            with pytest.raises(TooLarge, match="Nothing changed"):
                await provider.media(here.sid, form="wav", bytes_max=len(body) - 1)
            with pytest.raises(Refused) as caught:
                await provider.media(kept("recording", 2, START).sid, form="wav", bytes_max=10_000_000)
            assert caught.value.status == 404

        self.run(story)

    @pytest.mark.parametrize(**names, argvalues=EVERY)
    @pytest.mark.parametrize(
        ("fault", "error"),
        [
            (Fault.REFUSED, Refused),
            (Fault.WRONG_CREDENTIAL, WrongCredential),
            (Fault.THROTTLED, Throttled),
            (Fault.UNREACHABLE, Unreachable),
        ],
    )
    def test_what_did_not_happen_says_so(
        self,
        method: str,
        ask: Callable[[RegionalProvider], Awaitable[object]],
        fault: Fault,
        error: type[ProviderError],
    ) -> None:
        """Refused, wrong key, throttled, unreachable: each is told apart, and nothing changed."""

        async def story(account: FakeAccount, provider: RegionalProvider, clock: VirtualClock) -> None:
            self.break_it(provider, method, fault)
            with pytest.raises(error) as caught:
                await ask(provider)
            assert type(caught.value) is error
            assert "Nothing changed." in str(caught.value)

        account = self.run(story)
        assert not account.changes
        assert not account.placed
        assert not account.made
        assert not account.removed

    @pytest.mark.parametrize(**names, argvalues=WRITES)
    @pytest.mark.parametrize("fault", [Fault.ANSWER_LOST_BEFORE, Fault.ANSWER_LOST_AFTER])
    def test_a_write_whose_answer_is_lost_is_unsettled_and_never_repeated(
        self, method: str, ask: Callable[[RegionalProvider], Awaitable[object]], fault: Fault
    ) -> None:
        """Nobody knows, the message says how to find out, and it happened at most once."""

        async def story(account: FakeAccount, provider: RegionalProvider, clock: VirtualClock) -> None:
            self.break_it(provider, method, fault)
            with pytest.raises(Unsettled, match="may have taken effect"):
                await ask(provider)

        account = self.run(story)
        happened = 1 if fault is Fault.ANSWER_LOST_AFTER else 0
        assert len(account.changes) + len(account.placed) + len(account.made) + len(account.removed) == happened

    @pytest.mark.parametrize(**names, argvalues=READS)
    def test_a_read_whose_answer_is_lost_is_unreachable(
        self, method: str, ask: Callable[[RegionalProvider], Awaitable[object]]
    ) -> None:
        """A read changes nothing, so there is nothing to settle."""

        async def story(account: FakeAccount, provider: RegionalProvider, clock: VirtualClock) -> None:
            self.break_it(provider, method, Fault.ANSWER_LOST_AFTER)
            with pytest.raises(Unreachable):
                await ask(provider)

        self.run(story)
