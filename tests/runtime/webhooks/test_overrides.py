"""Connection overrides for people: what is wrong with a URL's, what to think of, and how they are written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicedr.runtime.webhooks import read_overrides, with_overrides
from voicedr.wire.overrides import DEFAULTS, EDGES, POLICIES, read

URL = "https://app.example/voice"


@pytest.mark.parametrize(
    ("fragment", "said"),
    [
        ("e=dublin&rc=9", "rc=9 is out of its range, 0 to 5"),
        ("ct=99", "ct=99 is out of its range, 100 to 10000"),
        ("tt=20000", "tt=20000 is out of its range, 100 to 15000"),
        ("ct=soon", "ct=soon is no whole number"),
        ("sni=yes", "sni=yes counts for nothing"),
        ("retries=2", "'retries=2' is no override"),
        ("section", "'section' is no override"),
        ("e=mars", "11240: 'mars' is no edge"),
        ("e=ashburn-ix", "11242: the edge 'ashburn-ix' needs Interconnect"),
        ("rp=3xx", "11243: '3xx' is no retry policy"),
    ],
)
def test_mistakes(fragment: str, said: str) -> None:
    """What the provider refuses, or what counts for nothing, is said with what is allowed."""
    assert any(one.startswith(said) for one in read_overrides(f"{URL}#{fragment}").mistakes)


@pytest.mark.parametrize(
    ("fragment", "said"),
    [
        ("e=ashburn,dublin,sydney&rc=1&rp=all", "3 edges and 2 attempts, so sydney is never used"),
        ("e=ashburn,dublin", "another edge is tried only if connecting fails"),
        ("rc=3", "4 attempts of 5 s to connect make 20 s, and everything ends after 15 s"),
        ("rc=2&rp=rt&ct=2000", "rt is retried, but the first attempt may use all 15 s"),
        ("rc=0&rp=5xx", "rc=0 that nothing is"),
        ("tt=2000&rc=0", "tt (2 s) ends before ct (5 s) can"),
    ],
)
def test_advice(fragment: str, said: str) -> None:
    """What is allowed and will not do what somebody hopes is said, too."""
    found = read_overrides(f"{URL}#{fragment}")
    assert not found.mistakes
    assert any(said in one for one in found.advice)


def test_nothing_to_say() -> None:
    """A URL without overrides, and one with good ones, gets neither."""
    for url in (URL, f"{URL}#e=dublin,ashburn&rc=1&rp=ct,5xx&ct=3000"):
        found = read_overrides(url)
        assert (found.mistakes, found.advice) == ((), ())
    assert read_overrides(URL).overrides == DEFAULTS


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"retries": 6}, "from 0 to 5"),
        ({"connect_ms": 50}, "from 100 to 10000"),
        ({"total_ms": 20_000}, "from 100 to 15000"),
        ({"edges": ["mars"]}, "no edge"),
        ({"edges": ["london-ix"]}, "Interconnect"),
        ({"retry_on": ["3xx"]}, "no retry policy"),
        ({"retry_on": []}, "retries=0"),
    ],
)
def test_what_cannot_be_written(wrong: dict[str, object], said: str) -> None:
    """Nothing is written that the provider would refuse, or whose effect is not documented."""
    with pytest.raises(ValueError, match=said):
        with_overrides(URL, **wrong)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="absolute"):
        with_overrides("/voice")


@given(
    st.lists(st.sampled_from(sorted(EDGES)), max_size=4),
    st.integers(0, 5),
    st.sets(st.sampled_from(sorted(POLICIES)), min_size=1),
    st.integers(100, 10_000),
    st.integers(100, 15_000),
    st.integers(100, 15_000),
    st.booleans(),
)
def test_what_is_written_is_read(
    edges: list[str], retries: int, on: set[str], connect_ms: int, read_ms: int, total_ms: int, sni: bool
) -> None:
    """Every URL that is written means what was asked for, and old overrides are gone."""
    url = with_overrides(
        f"{URL}?a=1#rc=5", edges=edges, retries=retries, retry_on=on, connect_ms=connect_ms, read_ms=read_ms,
        total_ms=total_ms, sni=sni,
    )  # fmt: skip
    found = read(url)
    assert (found.edges, found.retries, found.retried, found.sni) == (tuple(edges), retries, on, sni)
    assert (found.connect_s, found.read_s, found.total_s) == (connect_ms / 1000, read_ms / 1000, total_ms / 1000)
    assert not read_overrides(url).mistakes
