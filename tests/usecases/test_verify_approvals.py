"""The signed approvals inside an evidence file are verified offline, by a list of signers, with OpenSSH."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from scenes import NOW
from signed_evidence import evidence_of, signed_events, signers_text
from ssh_keys import Laptop, laptop
from voicedr.adapters.signatures import SshSignatures
from voicedr.ports.signatures import SignaturesUnusable
from voicedr.program.evidence.file import Verdict, verify
from voicedr.program.evidence.signed_approvals import approvals_in
from voicedr.program.execution import events as ev
from voicedr.usecases.verify_approvals import verify_approvals


@pytest.fixture(scope="module")
def laptops(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Laptop]:
    """Keys are made once."""
    homes = tmp_path_factory.mktemp("homes")
    return {name: laptop(homes / name) for name in ("ana", "ben")}


@pytest.fixture(scope="module")
def signers(laptops: dict[str, Laptop], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The list of signers."""
    file = tmp_path_factory.mktemp("signers") / "allowed_signers"
    file.write_text(signers_text(laptops))
    return file


@pytest.fixture(scope="module")
def events(laptops: dict[str, Laptop], tmp_path_factory: pytest.TempPathFactory) -> list[ev.Event]:
    """An execution that two people approved with their keys, and a third by word."""
    return signed_events(laptops, tmp_path_factory.mktemp("scene"))


def verified(events: list[ev.Event], signers: Path) -> Verdict:
    """What a verifier with a list of signers finds."""
    body = evidence_of(events)
    verdict = verify(body)
    assert verdict.whole, verdict.what
    return verify_approvals(body, verdict, lambda at: SshSignatures(signers, as_of=at))


def test_signatures_that_hold_are_counted(events: list[ev.Event], signers: Path) -> None:
    """Two signatures hold; the third person's is told apart as a word."""
    verdict = verified(events, signers)
    assert verdict.whole, verdict.what
    assert verdict.signatures == 2
    assert [one.approval.person for one in approvals_in(evidence_of(events)).by_word] == ["Cy"]


def later(approval: ev.Approved) -> str:
    """The statement, one minute later: well formed, and not what was signed."""
    return approval.statement.replace("given at: 2026-01-01T00:00:00Z", "given at: 2026-01-01T00:01:00Z")


FORGED: list[tuple[str, Callable[[ev.Approved], dict[str, Any]], str]] = [
    ("no signature", lambda _one: {"signature": ""}, "has no statement or no signature"),
    ("another text", lambda one: {"statement": later(one)}, "does not fit the statement"),
    ("another person", lambda _one: {"person_id": "ana"}, 'its person is "ben" as it was signed, and "ana"'),
    ("another role", lambda _one: {"role": "lead"}, "its role is"),
    ("another key", lambda _one: {"key": "ed25519 SHA256:none"}, "and the record names ed25519 SHA256:none"),
    ("no statement", lambda _one: {"statement": "let it be"}, "line 1 of the statement"),
]


@pytest.mark.parametrize(("forged", "words"), [one[1:] for one in FORGED], ids=[one[0] for one in FORGED])
def test_a_forged_approval_is_named_with_its_record(
    events: list[ev.Event], signers: Path, forged: Callable[[ev.Approved], dict[str, Any]], words: str
) -> None:
    """Every hash is right, and the approval is not: its number, time and kind are said."""
    opened, ana, ben, cy = events
    assert isinstance(ben, ev.Approved)
    verdict = verified([opened, ana, msgspec.structs.replace(ben, **forged(ben)), cy], signers)
    assert not verdict.whole
    assert words in verdict.what
    assert (verdict.first_bad, verdict.kind, verdict.at, verdict.records) == (3, "APPROVED", NOW, 2)


def test_somebody_elses_signature_and_one_that_came_too_late(
    events: list[ev.Event], signers: Path, laptops: dict[str, Laptop]
) -> None:
    """Signed with the wrong key, or expired before the execution was opened."""
    opened, ana, ben, cy = events
    assert isinstance(ben, ev.Approved)
    assert isinstance(opened, ev.Opened)
    by_ana = msgspec.structs.replace(ben, signature=laptops["ana"].sign(ben.statement))
    assert "it was signed with the key ed25519" in verified([opened, ana, by_ana, cy], signers).what
    late = msgspec.structs.replace(opened, at=NOW + timedelta(hours=5))
    assert "had expired" in verified([late, ana, ben, cy], signers).what


def test_a_key_is_taken_as_it_was_valid_then(
    events: list[ev.Event], laptops: dict[str, Laptop], tmp_path: Path
) -> None:
    """A key whose time ended after the approval still verifies it; one whose time had ended before does not."""
    for until, whole in (("20260102Z", True), ("20251231Z", False)):
        (tmp_path / "signers").write_text(signers_text(laptops, f'valid-before="{until}" '))
        assert verified(events, tmp_path / "signers").whole is whole


def test_nobody_could_look_is_no_verdict(events: list[ev.Event], tmp_path: Path) -> None:
    """A list that is not there is said, and is not a broken file."""
    with pytest.raises(SignaturesUnusable, match="cannot be read"):
        verified(events, tmp_path / "nothing")
