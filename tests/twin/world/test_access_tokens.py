"""Access tokens are judged as the provider would: those of its own library get in, and each mistake has its code."""

from __future__ import annotations

from typing import Any

import pytest
from twilio.jwt.access_token import AccessToken
from twilio.jwt.access_token.grants import VoiceGrant

from asking_the_twin import T0, small_world
from voicedr.twin.world.access_tokens import check_token
from voicedr.twin.world.model import World

NOW = T0 + 60


def _token(world: World, monkeypatch: pytest.MonkeyPatch, region: str = "us1", **changed: Any) -> str:
    """A token of the official library, made at ``NOW``."""
    store = world.regions[changed.pop("key_of", region)]
    key = next(iter(store.keys.values()))
    monkeypatch.setattr("time.time", lambda: changed.get("made_at", NOW))
    token = AccessToken(
        changed.get("account", world.account_sid),
        key.sid,
        changed.get("secret", key.secret),
        identity=changed.get("identity", "jane"),
        ttl=changed.get("ttl", 3600),
        nbf=changed.get("nbf", changed.get("made_at", NOW)),
        region=changed.get("twr", None if region == "us1" else region),
    )
    if changed.get("grant", True):
        token.add_grant(VoiceGrant(incoming_allow=True, outgoing_application_sid=changed.get("application")))
    return str(token.to_jwt())


def _application(world: World, region: str) -> str:
    return next(iter(world.regions[region].applications))


@pytest.mark.parametrize("region", ["us1", "ie1", "au1"])
def test_a_token_of_the_library_gets_into_its_region(region: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Signed with a key of the Region that it names; without twr the Region is us1."""
    world = small_world()
    verdict = check_token(world, _token(world, monkeypatch, region), NOW)
    assert (verdict.code, verdict.region, verdict.identity) == (0, region, "jane")


def test_its_application_has_to_be_in_its_region(monkeypatch: pytest.MonkeyPatch) -> None:
    """The TwiML App of another Region is not found."""
    world = small_world()
    here, there = _application(world, "ie1"), _application(world, "us1")
    assert check_token(world, _token(world, monkeypatch, "ie1", application=here), NOW).accepted
    verdict = check_token(world, _token(world, monkeypatch, "ie1", application=there), NOW)
    assert (verdict.code, verdict.region) == (31001, "ie1")


@pytest.mark.parametrize(
    ("changed", "code", "said"),
    [
        ({"region": "ie1", "key_of": "us1"}, 20103, "belongs to us1"),
        ({"region": "us1", "key_of": "ie1"}, 20103, "belongs to ie1"),
        ({"twr": "jp1"}, 20102, "no Region"),
        ({"account": "AC" + "0" * 32}, 20103, "account"),
        ({"secret": "x" * 32}, 20107, "not signed"),
        ({"made_at": NOW - 7200}, 20104, "ended 3600 s ago"),
        ({"made_at": NOW - 3600}, 20104, "ended 0 s ago"),
        ({"nbf": NOW + 300, "ttl": 7200}, 20105, "clock"),
        ({"ttl": 86_401}, 20157, "86401 s"),
        ({"grant": False}, 20106, "voice grant"),
        ({"identity": None}, 20106, "identity"),
    ],
)
def test_each_mistake_has_its_code(
    changed: dict[str, Any], code: int, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Key, account, signature, times and grants; what is wrong is said, the secret is not."""
    world = small_world()
    verdict = check_token(world, _token(world, monkeypatch, **changed), NOW)
    assert verdict.code == code
    assert said in verdict.message
    assert not any(key.secret in verdict.message for store in world.regions.values() for key in store.keys.values())


def test_a_day_is_the_longest_life(monkeypatch: pytest.MonkeyPatch) -> None:
    """86,400 s are accepted."""
    world = small_world()
    assert check_token(world, _token(world, monkeypatch, ttl=86_400), NOW).accepted


def test_a_key_that_is_gone_or_restricted_signs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Deleted, revoked, or restricted to permissions: 20103."""
    world = small_world()
    token = _token(world, monkeypatch)
    key = next(iter(world.regions["us1"].keys.values()))
    key.policy = '{"allow": []}'
    assert check_token(world, token, NOW).code == 20103
    key.policy, key.revoked = "", True
    assert check_token(world, token, NOW).code == 20103
    key.revoked = False
    assert check_token(world, token, NOW).accepted


@pytest.mark.parametrize("text", ["", "a.b", "a.b.c", "e30.e30", "e30.W10.x", "x" * 20_000, "ä.ö.ü"])
def test_what_is_no_token_is_20101(text: str) -> None:
    """Not three parts, not base64url, not JSON objects, or longer than any token."""
    assert check_token(small_world(), text, NOW).code == 20101


def test_the_library_writes_no_other_header(monkeypatch: pytest.MonkeyPatch) -> None:
    """A JWT with another content type is 20102."""
    world = small_world()
    monkeypatch.setattr(AccessToken, "_generate_headers", lambda self: {"cty": "other"})
    assert check_token(world, _token(world, monkeypatch), NOW).code == 20102


def test_nothing_of_a_token_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """The world is the same after it was looked at."""
    world, same = small_world(), small_world()
    check_token(world, _token(world, monkeypatch), NOW)
    assert world == same
