"""The order that DNS records are tried in (RFC 2782, RFC 3263), as properties."""

from __future__ import annotations

import random
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from voicedr.runtime.sipkit.records import Naptr, Srv, srv_order, usable_srv, ways_of

SRVS = st.lists(
    st.builds(Srv, st.integers(0, 3), st.integers(0, 65_535), st.integers(0, 65_535), st.sampled_from([".", "a", "b"])),
    max_size=12,
)


@given(SRVS, st.integers())
def test_every_record_is_tried_once_and_by_priority(records: list[Srv], seed: int) -> None:
    """Whatever chance says, the order has each record once, lower priority numbers first."""
    ordered = srv_order(records, random.Random(seed).random)
    assert Counter(ordered) == Counter(records)
    assert [one.priority for one in ordered] == sorted(one.priority for one in records)


def test_weight_is_a_share() -> None:
    """Among equals the first is chosen in proportion to its weight; weight 0 hardly ever."""
    records = [Srv(1, 60, 1, "a"), Srv(1, 20, 2, "b"), Srv(1, 20, 3, "c"), Srv(1, 0, 4, "d")]
    chance = random.Random(7).random
    first = Counter(srv_order(records, chance)[0].target for _ in range(10_000))
    assert 5_800 < first["a"] < 6_200
    assert 1_800 < first["b"] < 2_200
    assert first["d"] < 5


def test_weights_of_zero_only() -> None:
    """They are all tried."""
    assert len(srv_order([Srv(1, 0, 1, "a"), Srv(1, 0, 2, "b")], lambda: 0.999)) == 2


@given(SRVS)
def test_nothing_unusable_is_left(records: list[Srv]) -> None:
    """A port that is none and a target that says "no such service" are left out, and said."""
    kept, notes = usable_srv(records, "x")
    assert all(one.target != "." and one.port > 0 for one in kept)
    assert bool(notes) == any(one.target == "." or one.port == 0 for one in records)


def test_naptr_that_does_not_lead_to_srv_is_left_out() -> None:
    """Other flags, a regexp, a service that cannot be spoken: said, and not followed; another domain is said."""
    records = [
        Naptr(1, 1, "u", "SIP+D2U", "!.*!sip:evil@x!", "."), Naptr(1, 2, "s", "SIP+D2S", "", "_sip._sctp.a.example"),
        Naptr(2, 1, "S", "sip+d2t", "", "_sip._tcp.other.example"), Naptr(1, 1, "s", "E2U+web", "", "x"),
        Naptr(3, 1, "s", "SIPS+D2T", "", "_sips._tcp.a.example"),
    ]  # fmt: skip
    ways, notes = ways_of(records, "a.example", secure=False)
    assert [(way.transport, way.name) for way in ways] == [
        ("tcp", "_sip._tcp.other.example"), ("tls", "_sips._tcp.a.example")
    ]  # fmt: skip
    assert len(notes) == 3
    assert [way.transport for way in ways_of(records, "a.example", secure=True)[0]] == ["tls"]
