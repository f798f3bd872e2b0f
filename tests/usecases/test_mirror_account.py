"""A mirror of an account holds what calls depend on; a twin made of it is the account, but for its secrets."""

from __future__ import annotations

from typing import Any

import pytest

from asking_the_twin import N0, N1, small_world
from voicedr.adapters.http.in_process import InProcessSend
from voicedr.adapters.pace import Pace
from voicedr.adapters.providers.twilio import TwilioRegion
from voicedr.ports.provider import ProviderError
from voicedr.program.vocabulary import IE1, US1, Region
from voicedr.testing.virtual_time import VirtualClock, run_virtual
from voicedr.twin import faults
from voicedr.twin.twin import Twin
from voicedr.twin.world.account import world_from_account
from voicedr.twin.world.model import REGIONS, World
from voicedr.usecases.mirror_account import Mirror, mirror_account, without_secrets
from voicedr.wire.http import Request, Response, Timeouts


def _mirrored(world: World, *regions: Region) -> Mirror:
    """Read a twin as if it were the account."""

    async def nobody(request: Request, timeouts: Timeouts) -> Response:
        raise AssertionError(request.url)

    async def main(clock: VirtualClock) -> Mirror:
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
            return await mirror_account(world.account_sid, {region: provider(region) for region in regions})
        finally:
            await twin.close()

    return run_virtual(main)


def test_a_twin_of_the_mirror_is_the_account() -> None:
    """Mirrored again, it says the same; its calls go where the account's go; its keys are others."""
    real = small_world()
    mirror = _mirrored(real, US1, IE1)
    copy = world_from_account(mirror.document, 99, 1_790_000_000.0)
    assert _mirrored(copy, US1, IE1).document == mirror.document
    assert copy.account_sid == real.account_sid
    assert {key: entry.stored() for key, entry in copy.routes.items()} == {
        key: entry.stored() for key, entry in real.routes.items()
    }
    number = copy.numbers[N0]
    assert copy.regions["us1"].numbers[number.sid].voice == real.regions["us1"].numbers[real.numbers[N0].sid].voice
    assert number.sid not in copy.regions["ie1"].numbers
    secrets = {key.secret for store in real.regions.values() for key in store.keys.values()}
    assert not secrets & {key.secret for store in copy.regions.values() for key in store.keys.values()}
    assert not any(secret in str(mirror.document) for secret in secrets)
    assert mirror.remarks == ()


def test_a_name_that_leads_nowhere_is_told() -> None:
    """A number that names an application which its Region does not have is unconfigured there, and said to be."""
    real = small_world()
    real.regions["us1"].applications.clear()
    mirror = _mirrored(real, US1)
    (number,) = [one for one in mirror.document["numbers"] if one["e164"] == N1]
    assert number["voice"] == {}
    assert "nobody answers there" in mirror.remarks[0]


def test_what_cannot_be_read_ends_it() -> None:
    """A mirror with holes would be taken for the account."""
    real = small_world()
    faults.begin(real, "permission-denied", {"product": "trunking", "reads_too": "yes"}, 0.0)
    with pytest.raises(ProviderError):
        _mirrored(real, US1)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://app.example/voice?line=1", "https://app.example/voice?line=1"),
        ("https://me:secret@app.example/voice", "https://me:replaced@app.example/voice"),
        ("https://app.example/voice?token=abc&line=1#rc=2", "https://app.example/voice?token=replaced&line=1#rc=2"),
        ("https://app.example/voice?api_key=abc", "https://app.example/voice?api_key=replaced"),
        ("https://app.example/voice?monkey=1", "https://app.example/voice?monkey=1"),
        ("https://[app/voice", "https://[app/voice"),
    ],
)
def test_secrets_in_urls_are_replaced(url: str, said: str) -> None:
    """Passwords before the host, and query values named like a secret; the rest stays to the letter."""
    assert without_secrets(url) == said


def test_two_of_one_name_stay_two() -> None:
    """Applications of one friendly name are told apart, and each number keeps its own."""
    real = small_world()
    store = real.regions["us1"]
    first = next(iter(store.applications.values()))
    document: dict[str, Any] = _mirrored(real, US1).document
    assert [one["friendly_name"] for one in document["applications"]["us1"]] == ["Support"]
    twice = world_from_account(
        {"applications": {"us1": [{"friendly_name": "Same", "voice_url": f"https://a.example/{n}"} for n in (1, 2)]}},
        3,
        0.0,
    )
    names = [one["friendly_name"] for one in _mirrored(twice, US1).document["applications"]["us1"]]
    assert len(set(names)) == 2
    assert first.friendly_name == "Support"
