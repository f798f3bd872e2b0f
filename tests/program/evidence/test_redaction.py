"""A redacted edition tells nobody's number, name or note, and still shows every change that was made to it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import inspect
from msgspec.inspect import type_info

from made_journals import at, crashed, good_failover, rolled_back
from voicedr.program.evidence.chain import GENESIS, encode, link
from voicedr.program.evidence.closed_texts import closed_lists, stays
from voicedr.program.evidence.file import Checkpoint, EvidenceBroken, write_evidence
from voicedr.program.evidence.redaction import (
    first_difference,
    is_redacted,
    redact,
    token,
    verify_redacted,
)
from voicedr.program.execution import events as ev

KEY = bytes(range(32))
TOKEN = re.compile(r"#[0-9a-f]{20}|(route (number|trunk|sip-domain) |switch context )#[0-9a-f]{20} -> [a-z]{2}[0-9]")
KEPT_KEYS = {"cohort", "name", "flow", "execution"}
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


WRITTEN = st.sampled_from(
    ("zq", "+14155550100 zq", "https://zq.example/?to=+14155550100", "zq@example.com", "ruiz zq", "zq-1", "us1 zq")
) | st.text(max_size=8).map("zq{}".format)


def made(kind: Any, name: str) -> st.SearchStrategy[Any]:
    """Any value that a field of this type may have, as JSON; every text that people could write has ``zq`` in it."""
    match kind:
        case inspect.StrType():
            routes = WRITTEN.map("route number {} -> ie1".format) | WRITTEN.map("switch context {} -> ie1".format)
            return WRITTEN | routes if name == "action" else WRITTEN
        case inspect.EnumType():
            return st.sampled_from([one.value for one in kind.cls])
        case inspect.LiteralType():
            return st.sampled_from(kind.values)
        case inspect.BoolType():
            return st.booleans()
        case inspect.IntType() | inspect.FloatType():
            return st.integers(0, 1000)
        case inspect.NoneType():
            return st.none()
        case inspect.DateTimeType():
            return st.just("2026-11-21T12:00:00Z")
        case inspect.VarTupleType():
            return st.lists(made(kind.item_type, name), max_size=2)
        case inspect.UnionType():
            return st.one_of([made(one, name) for one in kind.types])
        case inspect.StructType():
            fields = {one.encode_name: made(one.type, one.encode_name) for one in kind.fields}
            return st.fixed_dictionaries({**fields, **({kind.tag_field: st.just(kind.tag)} if kind.tag_field else {})})
        case _:
            raise AssertionError(f"{name}: say how a {kind} is made")


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
    """Every text of a whole journal is a token, a cohort's name, the flow's or the execution's id, or of a list."""
    full = evidence_of(journal)
    edition = redact(full, KEY).decode()
    assert not re.search(r"\+[0-9]{7,}", edition)
    kept = {"canary", "low-risk", "support-line", "x-0042"}
    for line in edition.splitlines()[1:-1]:
        for name, text in texts(msgspec.json.decode(line)["body"]):
            assert stays(text, name) or TOKEN.fullmatch(text) or (text in kept and name in KEPT_KEYS), (name, text)


@pytest.mark.parametrize("event", get_args(ev.Event), ids=lambda event: event.__name__)
@settings(max_examples=15)
@given(data=st.data())
def test_nothing_written_by_anybody_survives_in_any_event(event: type[ev.Event], data: Any) -> None:
    """Whatever stands in any text of any event that exists, none of it is in the edition, nor a key nobody knows."""
    body = data.draw(made(type_info(event), ""))
    body["zq key"] = body["at"]
    opened, *_ = FULL.split(b"\n")[1:]
    raw = msgspec.json.encode(body)
    line = b'{"seq":2,"term":1,"previous":"","hash":"ab","body":%b}' % raw
    edition = redact(b"\n".join([FULL.split(b"\n")[0], opened, line, FULL.split(b"\n")[-2], b""]), KEY)
    left = edition.split(b"\n")[2]
    assert b"zq" not in left, left
    assert msgspec.json.decode(left)["body"]["event"] == event.__struct_config__.tag


def test_a_record_cannot_be_found_by_trying_out_numbers() -> None:
    """No hash of a record but the last is in the edition: with it and the one before, one number is soon found."""
    for line in FULL.splitlines()[1:-2]:
        record = msgspec.json.decode(line)
        assert record["hash"].encode() not in EDITION
    opened = msgspec.json.decode(FULL.splitlines()[0])
    assert opened["plan_hash"].encode() not in EDITION


def test_the_closed_lists_hold_no_open_text() -> None:
    """Keys under which people write are in none of the lists."""
    lists = closed_lists()
    assert not lists.keys() & {key for key in lists if lists[key]} & {"why", "note", "person", "number", "said", "rule"}
    assert "no-go" in lists["verdict"]
    assert "voicedr" in lists["by"]


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


def test_alone_it_proves_the_end_and_with_the_key_the_words() -> None:
    """It ends as the last checkpoint of the full journal does; without the machine's key it says what is not proved."""
    end = msgspec.json.decode(FULL.splitlines()[-1])
    kept = Checkpoint("x-0042", end["size"], end["head"], at(0))
    earlier = Checkpoint("x-0042", 3, "a" * 64, at(0))
    alone = verify_redacted(EDITION, [earlier, kept])
    assert alone.whole
    assert alone.held == 1
    assert "not proved without" in alone.what
    assert verify_redacted(EDITION, [kept], signed).whole
    later = Checkpoint("x-0042", end["size"] + 1, "a" * 64, at(0))
    assert "tail was cut off" in verify_redacted(EDITION, [later], signed).what
    other = Checkpoint("x-0042", end["size"], "a" * 64, at(0))
    assert "written anew" in verify_redacted(EDITION, [other], signed).what


def test_with_the_full_edition_every_body_is_proved() -> None:
    """The redaction of another journal, or with another key, differs at its first line that does."""
    assert first_difference(FULL, EDITION, KEY) is None
    assert first_difference(FULL, EDITION, bytes(32)) == 1
    lines = EDITION.split(b"\n")
    lines[4] = lines[4].replace(b'"attempt":1', b'"attempt":2').replace(b'"holder"', b'"holds"')
    assert first_difference(FULL, b"\n".join(lines), KEY) == 5
    assert first_difference(FULL, b"\n".join(EDITION.split(b"\n")[:9]) + b"\n", KEY) is not None
    *others, tail, end = EDITION.split(b"\n")
    ended = b"\n".join([*others, tail.replace(b'"head":"', b'"head":"f'), end])
    assert first_difference(FULL, ended, KEY) == len(others) + 1


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
    """Whatever is done to whole records is found without any key, and the first bad one is named, with its kind."""
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
    stands = msgspec.json.decode(changed[verdict.first_bad])
    assert verdict.kind == stands["body"]["event"] if "body" in stands else verdict.kind == ""


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
