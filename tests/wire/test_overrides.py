"""The fragment of a webhook's URL is read as https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicedr.wire.overrides import DEFAULTS, EDGES, POLICIES, BadOverrides, Overrides, read, write

URL = "https://app.example/voice"


def test_defaults() -> None:
    """Without overrides there is one retry, after a failure to connect in 5 s, inside 15 s, from ashburn."""
    for url in (URL, URL + "#", URL + "#chapter-2", URL + "#=", URL + "#x=1&y"):
        assert read(url) == DEFAULTS
    assert (DEFAULTS.retries, DEFAULTS.retried, DEFAULTS.connect_s) == (1, {"ct"}, 5.0)
    assert (DEFAULTS.read_s, DEFAULTS.total_s, DEFAULTS.sni) == (15.0, 15.0, True)
    assert [DEFAULTS.edge(attempt) for attempt in (1, 2, 6)] == ["ashburn"] * 3


@pytest.mark.parametrize(
    ("fragment", "wanted"),
    [
        ("e=dublin,frankfurt&rc=2", Overrides(edges=("dublin", "frankfurt"), retries=2)),
        ("rp=4xx,5xx,rt", Overrides(retried=frozenset({"4xx", "5xx", "rt"}))),
        ("rp=all", Overrides(retried=POLICIES)),
        ("rp=all,ct", Overrides(retried=POLICIES)),
        ("ct=100&rt=200&tt=300", Overrides(connect_s=0.1, read_s=0.2, total_s=0.3)),
        ("ct=10000&rt=15000&tt=15000&rc=5", Overrides(connect_s=10.0, retries=5)),
        ("sni=n", Overrides(sni=False)),
        ("sni=perhaps", DEFAULTS),
        ("rc=0", Overrides(retries=0)),
        ("e=sao%2Dpaulo", Overrides(edges=("sao-paulo",))),
        ("rp=4xx%2Cct", Overrides(retried=frozenset({"4xx", "ct"}))),
        ("rc=two&ct=&rt=1e3&tt=٣", DEFAULTS),
        ("rc=" + "9" * 5000, DEFAULTS),
    ],
)
def test_fragments(fragment: str, wanted: Overrides) -> None:
    """Every key, lists, and what is no number."""
    assert read(f"{URL}#{fragment}") == wanted


@pytest.mark.parametrize(
    ("fragment", "clamped"),
    [
        ("ct=99", Overrides(connect_s=0.1)),
        ("ct=10001", Overrides(connect_s=10.0)),
        ("rt=-1", Overrides(read_s=0.1)),
        ("tt=60000", Overrides(total_s=15.0)),
        ("rc=6", Overrides(retries=5)),
        ("rc=-1", Overrides(retries=0)),
    ],
)
def test_out_of_range(fragment: str, clamped: Overrides) -> None:
    """A number out of its range goes to the end of the range, or counts for nothing; the choice is the caller's."""
    assert read(f"{URL}#{fragment}") == clamped
    assert read(f"{URL}#{fragment}", clamps=False) == DEFAULTS


@pytest.mark.parametrize(
    ("fragment", "code"),
    [
        ("e=mars", 11240), ("e=", 11240), ("e=dublin,", 11240), ("e=Dublin", 11240), ("e=ie1", 11240),
        ("e=tokyo-ix", 11241), ("e=dublin,roaming", 11241), ("e=london-ix", 11242),
        ("rp=6xx", 11243), ("rp=", 11243), ("rp=ct;rt", 11243),
    ],
)  # fmt: skip
def test_refused(fragment: str, code: int) -> None:
    """Bad edges and bad policies have their codes (https://www.twilio.com/docs/api/errors/11240 to 11243)."""
    with pytest.raises(BadOverrides) as refused:
        read(f"{URL}#{fragment}")
    assert refused.value.code == code


def test_interconnect() -> None:
    """With Interconnect its edges may be used."""
    assert read(URL + "#e=london-ix,dublin", interconnect=True).edges == ("london-ix", "dublin")


def test_rotation() -> None:
    """Attempt 1 takes the first edge, attempt 2 the second; after the last it begins anew, or stays, as assumed."""
    overrides = Overrides(edges=("dublin", "tokyo"))
    assert [overrides.edge(attempt) for attempt in (1, 2, 3, 4)] == ["dublin", "tokyo", "dublin", "tokyo"]
    assert [overrides.edge(attempt, wraps=False) for attempt in (1, 2, 3)] == ["dublin", "tokyo", "tokyo"]


@given(
    st.builds(
        Overrides,
        edges=st.lists(st.sampled_from(sorted(EDGES)), max_size=6).map(tuple),
        retries=st.integers(0, 5),
        retried=st.frozensets(st.sampled_from(sorted(POLICIES)), min_size=1),
        connect_s=st.integers(100, 10_000).map(lambda ms: ms / 1000),
        read_s=st.integers(100, 15_000).map(lambda ms: ms / 1000),
        total_s=st.integers(100, 15_000).map(lambda ms: ms / 1000),
        sni=st.booleans(),
    )
)
def test_written_and_read(overrides: Overrides) -> None:
    """What is written into a URL is read back, and an old fragment is gone."""
    assert read(write(URL + "#rc=5&e=tokyo", overrides)) == overrides


@given(st.text())
def test_any_fragment(fragment: str) -> None:
    """Whatever stands behind the hash is read or refused with a code, and never breaks."""
    code = 11240
    try:
        assert 0.1 <= read(f"{URL}#{fragment}").total_s <= 15.0
    except BadOverrides as refused:
        code = refused.code
    assert 11240 <= code <= 11243
