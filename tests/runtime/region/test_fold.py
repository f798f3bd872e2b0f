"""What holds, of whatever documents come in whatever order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicedr.runtime.region import Document, Unusable, adopt, offered
from voicedr.runtime.region.document import BYTES_MAX, EPOCH_MAX

OFFERS = st.one_of(
    st.builds(Document, st.sampled_from(["us1", "ie1", "au1"]), st.integers(1, 9)),
    st.builds(Unusable, st.just("is broken")),
)


@given(st.lists(OFFERS, max_size=20))
def test_the_epoch_only_rises_and_never_changes_its_region(offers: list[Document | Unusable]) -> None:
    """Whatever comes: nothing goes back, one epoch is one Region, and why an offer did not win is told."""
    held: Document | None = None
    regions: dict[int, str] = {}
    for offer in offers:
        before = held
        held, problem = adopt(before, offer)
        assert before is None or (held is not None and held.epoch >= before.epoch)
        if held is not None:
            assert regions.setdefault(held.epoch, held.region) == held.region
        if isinstance(offer, Unusable):
            assert held == before
            assert problem is not None
        else:
            assert held is not None
            assert (problem is None) == ((held.region, held.epoch) == (offer.region, offer.epoch))


@given(st.dictionaries(st.integers(1, 30), st.sampled_from(["us1", "ie1", "au1"]), min_size=1), st.randoms())
def test_order_and_repetition_do_not_matter(written: dict[int, str], chance: object) -> None:
    """With one writer, all who saw the last document agree, however often and in whatever order they saw the others."""
    offers = [Document(region, epoch) for epoch, region in written.items()] * 2
    chance.shuffle(offers)  # type: ignore[attr-defined]
    held: Document | None = None
    for offer in offers:
        held, _ = adopt(held, offer)
    assert held == Document(written[max(written)], max(written))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b'{"region": "mars", "epoch": 9}', "'mars'; known are au1, ie1, us1"),
        (b'{"region": "ie1", "epoch": 9223372036854775808}', "epoch that is none"),
        (b'{"region": "ie1", "epoch": %d}' % (EPOCH_MAX + 1), "epoch that is none"),
        (b'{"region": "ie1", "epoch": 0}', "epoch that is none"),
        (b'{"region": "ie1", "epoch": -1}', "epoch that is none"),
        (b'{"region": "ie1", "epoch": 1e3}', "not a context document"),
        (b'{"region": "ie1", "epoch": true}', "not a context document"),
        (b'{"region": "ie1", "epoch": "7"}', "not a context document"),
        (b'{"epoch": 7}', "not a context document"),
        (b"\xff\xfe", "not a context document"),
        (b"[" * 60_000, "not a context document"),
        (b" " * (BYTES_MAX + 1), f"longer than {BYTES_MAX} bytes"),
        (b"", "not a context document"),
    ],
)
def test_what_cannot_be_changes_nothing(content: bytes, why: str) -> None:
    """A Region or an epoch that there is not, and what is no document at all, are held against; why is told."""
    held = Document("us1", 3)
    offer = offered(content)
    assert isinstance(offer, Unusable)
    now, problem = adopt(held, offer)
    assert now == held
    assert why in str(problem)
    assert "us1 (epoch 3) holds until there is a newer one" in str(problem)


def test_two_writers_who_disagree_are_told() -> None:
    """The same epoch with another Region is no newer document."""
    held, problem = adopt(Document("us1", 7), Document("ie1", 7))
    assert held == Document("us1", 7)
    assert "epoch 7 was us1 and now says ie1: two writers disagree" in str(problem)
