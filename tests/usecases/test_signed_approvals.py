"""Signed approvals from the statement to the execution's journal, on laptops of their own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from scenes import NOW, Scene
from ssh_keys import Laptop, laptop
from voicedr.adapters.signatures import SshSignatures
from voicedr.ports.signatures import SignatureRefused, SignaturesUnusable
from voicedr.program.execution import events as ev
from voicedr.program.execution.plan import Plan, plan_hash
from voicedr.program.governance.approvals import statement_of
from voicedr.program.governance.statement import Statement, StatementRefused, write_statement
from voicedr.program.scope.workbook import Approvals, Person
from voicedr.program.validation.story import tell
from voicedr.program.vocabulary import Kind, Mode, Purpose
from voicedr.testing.virtual_time import run_virtual
from voicedr.usecases.approve import ApprovalRefused, Approving, checked_approvals, record_signed
from voicedr.usecases.cut_over import NotApproved, open_execution
from voicedr.usecases.write_report import report_html, report_markdown

ANA = Person("ana", "Ana", ("lead",))
BEN = Person("ben", "Ben", ("director",))
EVE = Person("eve", "Eve", ("caretaker",))
RULES = Approvals("allowed_signers", required=True)


@dataclass
class Desk:
    """A scene, its plan, the people's laptops, and the list of signers."""

    scene: Scene
    plan: Plan
    laptops: dict[str, Laptop]
    signers: Path
    approving: Approving

    def statement(self, person: Person, now: datetime = NOW) -> Statement:
        """What this person would sign."""
        return statement_of(self.plan, plan_hash(self.plan), person, person.roles[0], now, self.approving.rules)

    def record(
        self, person: Person, *, now: datetime = NOW, changed: Callable[[Statement], Statement] = lambda one: one
    ) -> ev.Approved:
        """Sign on their laptop, bring it here, record it."""
        text = write_statement(changed(self.statement(person)))
        signature = self.laptops[person.id].sign(text)
        return record_signed(self.scene.journal, self.plan, person, text, signature, self.approving, now)

    def open(self, execution: str = "x1", now: datetime = NOW) -> None:
        """Open an execution by these rules."""
        open_execution(
            self.scene.journal,
            self.plan,
            execution=execution,
            kind=Kind.DRILL_TWIN,
            by="ana",
            now=now,
            approving=self.approving,
        )

    def journal_of(self, execution: str) -> list[ev.Event]:
        """What its journal says."""
        return [record.event for record in self.scene.journal.read(execution)]


@pytest.fixture(scope="module")
def laptops(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Laptop]:
    """Keys are made once."""
    homes = tmp_path_factory.mktemp("homes")
    return {name: laptop(homes / name) for name in ("ana", "ben", "eve")}


@pytest.fixture
def desk(laptops: dict[str, Laptop], tmp_path: Path) -> Desk:
    """Signatures are required, and the list knows everybody."""
    scene = Scene(tmp_path)
    signers = tmp_path / "allowed_signers"
    signers.write_text("".join(f"{name} {one.public}\n" for name, one in laptops.items()))
    return Desk(scene, scene.plan(), laptops, signers, Approving(RULES, (ANA, BEN, EVE), SshSignatures(signers)))


def test_a_plan_signed_on_two_laptops_is_carried_out(desk: Desk) -> None:
    """The journal keeps what was signed, the signature and whose key it was; the reports say so."""
    for person in (ANA, BEN):
        assert desk.record(person).signed
    desk.open()
    run_virtual(desk.scene.run)
    approvals = [event for event in desk.journal_of("x1") if isinstance(event, ev.Approved)]
    assert [one.person_id for one in approvals] == ["ana", "ben"]
    for one in approvals:
        assert one.signed
        assert one.key.startswith("ed25519 SHA256:")
        key = desk.approving.signatures
        assert key is not None
        assert str(key.verify(one.statement, one.signature, one.person_id)) == one.key
    story = tell(desk.journal_of("x1"))
    proof = f"signed ({approvals[0].key})"
    assert [one.counts for one in story.approvals] == [True, True]
    assert any(proof in line.words for line in story.timeline)
    assert approvals[0].key in report_html(story)
    assert "signed (ed25519 SHA256:" in report_markdown(story)
    assert "not signed" not in report_markdown(story)


def test_a_word_does_not_count_where_signatures_are_required(desk: Desk) -> None:
    """Also when somebody writes ``signed: true`` into the journal's file with no signature behind it."""
    desk.record(ANA)
    word = ev.Approved(at=NOW, person="Ben", role="director", plan_hash=plan_hash(desk.plan), signed=True, key="x")
    desk.scene.journal.approve(word)
    with pytest.raises(NotApproved, match=r"1 more of 2 .*Ben's does not count: it is not signed") as missing:
        desk.open()
    assert "(Ana did)" in str(missing.value)
    assert desk.scene.journal.executions() == []


def test_a_word_counts_where_the_workbook_allows_it_and_is_told_as_one(desk: Desk) -> None:
    """One signed and one by word: both count, and the journal says which is which, whatever was claimed."""
    desk.approving = replace(desk.approving, rules=msgspec.structs.replace(RULES, required=False))
    desk.record(ANA)
    digest = plan_hash(desk.plan)
    desk.scene.journal.approve(ev.Approved(at=NOW, person="Ben", role="director", plan_hash=digest, signed=True))
    desk.open()
    assert [event.signed for event in desk.journal_of("x1") if isinstance(event, ev.Approved)] == [True, False]


MISUSES: dict[str, tuple[Callable[[Statement], Statement], str]] = {
    "another plan": (lambda one: msgspec.structs.replace(one, plan="0" * 64), "it approves plan 000000000000"),
    "another flow": (lambda one: msgspec.structs.replace(one, flow="sales"), 'flow is "sales"'),
    "another purpose": (lambda one: msgspec.structs.replace(one, purpose=Purpose.FAILBACK.value), "purpose is"),
    "another mode": (lambda one: msgspec.structs.replace(one, mode=Mode.GRACEFUL.value), "mode is"),
    "a role they do not have": (lambda one: msgspec.structs.replace(one, role="director"), "does not have the role"),
    "expired": (lambda one: _given(one, timedelta(hours=-4)), "it expired at 2026-01-01 00:00:00"),
    "in the future": (lambda one: _given(one, timedelta(seconds=121)), "which is in the future here"),
    "valid for too long": (
        lambda one: msgspec.structs.replace(one, expires_at=one.given_at + timedelta(hours=5)),
        "valid for 5h, and the workbook allows 4h",
    ),
    "over before it began": (
        lambda one: msgspec.structs.replace(one, expires_at=one.given_at),
        "not after it is given",
    ),
}


def _given(statement: Statement, later: timedelta) -> Statement:
    return msgspec.structs.replace(
        statement, given_at=statement.given_at + later, expires_at=statement.expires_at + later
    )


@pytest.mark.parametrize("misuse", MISUSES)
def test_a_rightly_signed_statement_of_something_else_is_refused(misuse: str, desk: Desk) -> None:
    """By the right person with the right key, and yet not an approval of this plan now; nothing is recorded."""
    changed, words = MISUSES[misuse]
    with pytest.raises(ApprovalRefused) as refused:
        desk.record(ANA, changed=changed)
    assert words in str(refused.value)
    assert desk.scene.journal.approvals(plan_hash(desk.plan)) == []


def test_a_clock_that_is_a_little_ahead_is_forgiven(desk: Desk) -> None:
    """Two minutes by default; the setting decides."""
    assert desk.record(ANA, changed=lambda one: _given(one, timedelta(seconds=120))).signed


def test_a_role_that_may_not_approve_is_refused(desk: Desk) -> None:
    """Eve has a key, and her own role, which approves nothing here."""
    with pytest.raises(ApprovalRefused, match='"caretaker" may not approve this plan; lead, director may'):
        desk.record(EVE)


def test_whose_key_and_whose_name_must_agree(desk: Desk) -> None:
    """Ben's name under Eve's key, Ana's statement given as Ben's, a statement that was touched: refused."""
    text = write_statement(desk.statement(BEN))
    journal = desk.scene.journal
    with pytest.raises(SignatureRefused, match='which is not one that "ben" may use'):
        record_signed(journal, desk.plan, BEN, text, desk.laptops["eve"].sign(text), desk.approving, NOW)
    with pytest.raises(ApprovalRefused, match='the approval of "ben", not of "ana"'):
        record_signed(journal, desk.plan, ANA, text, desk.laptops["ben"].sign(text), desk.approving, NOW)
    signature = desk.laptops["ben"].sign(text)
    with pytest.raises(SignatureRefused, match="does not fit the statement"):
        record_signed(journal, desk.plan, BEN, text.replace("00Z", "01Z"), signature, desk.approving, NOW)
    with pytest.raises(StatementRefused, match="line 10"):
        record_signed(journal, desk.plan, BEN, text + "note: x\n", signature, desk.approving, NOW)
    with pytest.raises(SignatureRefused, match="names no list of signers"):
        record_signed(journal, desk.plan, BEN, text, signature, replace(desk.approving, signatures=None), NOW)
    assert journal.approvals(plan_hash(desk.plan)) == []


def test_the_same_approval_is_not_recorded_twice(desk: Desk) -> None:
    """A second paste of it is told."""
    desk.record(ANA)
    with pytest.raises(ApprovalRefused, match="was recorded before"):
        desk.record(ANA)


def test_an_approval_carries_one_execution(desk: Desk) -> None:
    """The same plan again within the four hours needs new signatures; new ones do."""
    for person in (ANA, BEN):
        desk.record(person)
    desk.open()
    run_virtual(desk.scene.run)
    with pytest.raises(NotApproved, match="used for an earlier execution"):
        desk.open("x2", NOW + timedelta(minutes=30))
    for person in (ANA, BEN):
        desk.record(person, now=NOW + timedelta(hours=1), changed=lambda one: _given(one, timedelta(hours=1)))
    desk.open("x3", NOW + timedelta(hours=1))
    told = [(one.person, one.counts) for one in tell(desk.journal_of("x3")).approvals]
    assert sorted(told) == [("Ana", False), ("Ana", True), ("Ben", False), ("Ben", True)]


def test_what_held_when_it_was_recorded_is_looked_at_again_when_it_is_used(desk: Desk) -> None:
    """Expired since, taken out of the list since, out of the workbook since, the list gone: none counts any more."""
    for person in (ANA, BEN):
        desk.record(person)
    with pytest.raises(NotApproved, match=r"Ana's does not count: .*it expired at 2026-01-01 04:00:00 UTC"):
        desk.open(now=NOW + timedelta(hours=4))
    with_ana = desk.signers.read_text()
    desk.signers.write_text("\n".join(with_ana.splitlines()[1:]) + "\n")
    with pytest.raises(NotApproved, match=r'Ana\'s does not count: .*"ana" has no key'):
        desk.open()
    desk.signers.unlink()
    with pytest.raises(NotApproved, match=r"2 more of 2.*cannot be read"):
        desk.open()
    desk.signers.write_text(with_ana)
    everybody, desk.approving = desk.approving, replace(desk.approving, people=(BEN,))
    with pytest.raises(NotApproved, match='"ana" is nobody in the workbook'):
        desk.open()
    desk.approving = everybody
    desk.open()


def test_a_record_that_was_changed_in_the_journals_file_does_not_count(desk: Desk) -> None:
    """Another name or another plan's hash on a good signature is found out."""
    good = desk.record(ANA)
    journal = desk.scene.journal
    journal.approve(msgspec.structs.replace(good, person="Ben", role="director"))
    checked = checked_approvals(journal, desk.plan, desk.approving, NOW)
    assert [one.signed for one in checked] == [True, False]
    assert "the record says otherwise" in checked[1].refused
    other = msgspec.structs.replace(desk.plan, approvals=1)
    journal.approve(msgspec.structs.replace(good, plan_hash=plan_hash(other)))
    (carried_over,) = checked_approvals(journal, other, desk.approving, NOW)
    assert "it approves plan" in carried_over.refused


def test_journals_from_before_signatures_are_read_as_they_were() -> None:
    """An old record has no statement; it was somebody's word and stays so."""
    old = b'{"event":"APPROVED","at":"2026-01-01T00:00:00Z","person":"Ana","role":"lead","plan_hash":"00"}'
    read = msgspec.json.decode(old, type=ev.Approved)
    assert (read.signed, read.statement, read.refused) == (False, "", "")


def test_no_openssh_here_is_not_a_refusal(desk: Desk) -> None:
    """Recording says what to install; at the start of an execution the approval does not count."""
    without = replace(desk.approving, signatures=SshSignatures(desk.signers, program="no-such-ssh-keygen"))
    text = write_statement(desk.statement(ANA))
    signature = desk.laptops["ana"].sign(text)
    with pytest.raises(SignaturesUnusable, match="openssh-client"):
        record_signed(desk.scene.journal, desk.plan, ANA, text, signature, without, NOW)
    desk.record(ANA)
    (unseen,) = checked_approvals(desk.scene.journal, desk.plan, without, NOW)
    assert not unseen.signed
    assert "openssh-client" in unseen.refused
