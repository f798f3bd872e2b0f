"""A redacted edition tells nobody's number, name or note, and still shows every change that was made to it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from made_journals import at, crashed, good_failover, rolled_back
from voicedr.program.evidence.chain import GENESIS, encode, link
from voicedr.program.evidence.file import Checkpoint, EvidenceBroken, write_evidence
from voicedr.program.evidence.redaction import (
    KEPT,
    first_difference,
    is_redacted,
    redact,
    token,
    verify_redacted,
)
from voicedr.program.execution import events as ev

KEY = bytes(range(32))
SIGNATURE = b"the machine's"


def sign(words: bytes) -> bytes:
    """A signature that covers the words."""
    return SIGNATURE + words


def signed(signature: str, words: bytes) -> bool:
    """Whether it does."""
    return bytes.fromhex(signature) == SIGNATURE + words


def evidence_of(journal: Sequence[ev.Event]) -> bytes:
    """The evidence file of a journal."""
    rows, previous = [], GENESIS
    for seq, event in enumerate(journal, start=1):
        body = encode(event)
        linked = link("x-0042", seq, 1, previous, body)
        rows.append((seq, 1, previous, linked, body))
        previous = linked
    opened = journal[0]
    assert isinstance(opened, ev.Opened)
    return write_evidence("x-0042", "support-line", opened.plan_hash, rows)


FULL = evidence_of(rolled_back())
EDITION = redact(FULL, KEY, sign)


def texts(value: object, name: str = "") -> Iterator[tuple[str, str]]:
    """Every text in a value of JSON, with its key."""
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, list):
        for one in value:
            yield from texts(one, name)
    elif isinstance(value, dict):
        for inner, one in value.items():
            yield from texts(one, inner)


@pytest.mark.parametrize("journal", [good_failover(), rolled_back(), crashed()], ids=["good", "back", "crashed"])
def test_no_text_survives_that_is_not_of_a_closed_list(journal: list[ev.Event]) -> None:
    """Of every text that is not under a kept key nothing is left, nor of any telephone number."""
    full = evidence_of(journal)
    edition = redact(full, KEY).decode()
    assert not re.search(r"\+[0-9]{7,}", edition)
    for line in full.splitlines()[1:-1]:
        for name, text in texts(msgspec.json.decode(line)["body"]):
            is_cohort = name == "name" and text in ("canary", "low-risk")
            if name not in KEPT | {"action"} and not name.endswith("_at") and len(text) > 3 and not is_cohort:
                assert text.removeprefix("voicedr") not in edition or text == "voicedr", (name, text)


def test_what_happened_can_still_be_followed() -> None:
    """Kinds, times, Regions and verdicts stay, and one number has one token throughout."""
    lines = [msgspec.json.decode(line)["body"] for line in EDITION.splitlines()[1:-1]]
    assert [line["event"] for line in lines] == [msgspec.to_builtins(event)["event"] for event in rolled_back()]
    proved = next(line for line in lines if line["event"] == "PROVED")
    assert (proved["region"], proved["number"]) == ("ie1", token("+14155550100", KEY))
    assert f"route number {token('+14155550100', KEY)} -> ie1" in {line.get("action") for line in lines}


def test_another_key_gives_other_tokens() -> None:
    """Without the key nobody can try out all numbers."""
    assert token("+14155550100", KEY) != token("+14155550100", bytes(32))


def test_alone_it_proves_the_chain_and_with_the_key_the_words() -> None:
    """It agrees with a checkpoint of the full journal; without the machine's key it says what is not proved."""
    end = msgspec.json.decode(FULL.splitlines()[-1])
    kept = Checkpoint("x-0042", end["size"], end["head"], at(0))
    alone = verify_redacted(EDITION, [kept])
    assert alone.whole
    assert alone.held == 1
    assert "not proved without" in alone.what
    assert verify_redacted(EDITION, [kept], signed).whole
    later = Checkpoint("x-0042", end["size"] + 1, "a" * 64, at(0))
    assert "tail was cut off" in verify_redacted(EDITION, [later], signed).what


def test_with_the_full_edition_every_body_is_proved() -> None:
    """The redaction of another journal, or with another key, differs at its first line that does."""
    assert first_difference(FULL, EDITION, KEY) is None
    assert first_difference(FULL, EDITION, bytes(32)) == 2
    lines = EDITION.split(b"\n")
    lines[4] = lines[4].replace(b'"attempt":1', b'"attempt":2').replace(b'"holder"', b'"holds"')
    assert first_difference(FULL, b"\n".join(lines), KEY) == 5
    assert first_difference(FULL, b"\n".join(EDITION.split(b"\n")[:9]) + b"\n", KEY) is not None


@given(data=st.data())
def test_every_changed_byte_is_found(data: Any) -> None:
    """One byte anywhere, and it is broken, or no redacted edition any more."""
    at_ = data.draw(st.integers(0, len(EDITION) - 1))
    value = data.draw(st.integers(0, 255).filter(lambda value: value != EDITION[at_]))
    changed = EDITION[:at_] + bytes([value]) + EDITION[at_ + 1 :]
    try:
        verdict = verify_redacted(changed, [], signed)
    except EvidenceBroken:
        return
    assert not verdict.whole, verdict.what


@given(data=st.data())
def test_no_line_can_be_left_out_doubled_or_swapped(data: Any) -> None:
    """Whatever is done to whole records is found from the chain alone, and the first bad one is named."""
    lines = EDITION.split(b"\n")
    first = data.draw(st.integers(1, len(lines) - 4))
    match data.draw(st.sampled_from(("left out", "doubled", "swapped"))):
        case "left out":
            changed = [*lines[:first], *lines[first + 1 :]]
        case "doubled":
            changed = [*lines[:first], lines[first], *lines[first:]]
        case _:
            changed = [*lines[:first], lines[first + 1], lines[first], *lines[first + 2 :]]
    verdict = verify_redacted(b"\n".join(changed))
    assert not verdict.whole
    assert verdict.first_bad in (first, first + 1)


def test_what_is_no_edition_is_said_to_be_none() -> None:
    """A full file, another version and rubbish are told apart."""
    assert is_redacted(EDITION)
    assert not is_redacted(FULL)
    for other in (FULL, b"", b"{}\n"):
        with pytest.raises(EvidenceBroken, match="first line"):
            verify_redacted(other)
    newer = EDITION.replace(b'"voicedr_redacted":1', b'"voicedr_redacted":2', 1)
    with pytest.raises(EvidenceBroken, match="version 2"):
        verify_redacted(newer)
    with pytest.raises(EvidenceBroken, match="verify it first"):
        redact(EDITION, KEY)
