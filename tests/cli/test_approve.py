"""``voicedr approve`` and ``voicedr approval-statement``: from the words somebody types to what the journal keeps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from typer.testing import CliRunner

from approval_desk import Desk
from program.scope.support_line import GOOD
from voicedr.bootstrap import load_workbook
from voicedr.cli.approve import ask_for_approvals
from voicedr.cli.failures import Stop
from voicedr.cli.main import app
from voicedr.program.execution.plan import Plan
from voicedr.program.governance.statement import Statement, read_statement, write_statement


def test_signing_here_with_ones_own_key(desk: Desk) -> None:
    """One command each; the second says that the plan is approved."""
    first = desk.voicedr("approve", desk.digest, "--as", "ruiz", "--key", str(desk.laptops["ruiz"].key))
    assert (first.code, first.err) == (0, "")
    assert "Signed (ed25519 SHA256:" in " ".join(first.out.split())
    assert "1 more of 2 people" in " ".join(first.out.split())
    second = desk.voicedr("approve", desk.digest, "--as", "chen", "--key", str(desk.laptops["chen"].key))
    assert "It is approved: voicedr failover support-line" in second.out
    assert [(one.person_id, one.signed) for one in desk.approvals()] == [("ruiz", True), ("chen", True)]


def test_signing_elsewhere_and_pasting_it_here(desk: Desk) -> None:
    """The text goes to a laptop that has neither voicedr nor a network; a signature comes back, pasted or as a file."""
    statement = desk.statement("ruiz")
    pasted = desk.voicedr(
        "approve", desk.digest, "--as", "ruiz", "--statement", desk.put("approval.txt", statement), "--signature", "-",
        typed=desk.laptops["ruiz"].sign(statement),
    )  # fmt: skip
    assert pasted.code == 0, pasted.err
    statement = desk.statement("chen")
    file = desk.voicedr(
        "approve", desk.digest, "--as", "chen", "--statement", desk.put("approval.txt", statement),
        "--signature", desk.put("approval.txt.sig", desk.laptops["chen"].sign(statement)),
    )  # fmt: skip
    assert "It is approved" in file.out, file.err
    assert desk.approvals()[1].statement == statement


def refused(desk: Desk, statement: str, signer: str, person: str = "ruiz") -> str:
    """Sign, bring it, and be refused with 4 and nothing recorded; what was said."""
    signature = desk.laptops[signer].sign(statement)
    said = desk.voicedr(
        "approve", desk.digest, "--as", person, "--statement", desk.put("a.txt", statement), "--signature", "-",
        typed=signature,
    )  # fmt: skip
    assert said.code == 4, said
    assert desk.approvals() == []
    return said.err


def test_each_misuse_ends_with_4_and_a_message(desk: Desk) -> None:
    """Nothing of it is recorded."""
    statement = desk.statement("ruiz")
    assert 'not one that "ruiz" may use' in refused(desk, statement, "chen")
    assert 'the approval of "ruiz", not of "chen"' in refused(desk, statement, "ruiz", "chen")
    assert "line 1 of the statement ends with a carriage return" in refused(
        desk, statement.replace("\n", "\r\n"), "ruiz"
    )
    said = read_statement(statement)
    for changed, words in (
        (msgspec.structs.replace(said, plan="0" * 64), "approves plan 000000000000"),
        (msgspec.structs.replace(said, role="operations director"), "does not have the role"),
        (_shifted(said, timedelta(hours=-5)), "it expired"),
        (_shifted(said, timedelta(hours=1)), "in the future"),
    ):
        assert words in refused(desk, write_statement(changed), "ruiz")
    desk.put("allowed_signers", f"chen {desk.laptops['chen'].public}\n")
    assert '"ruiz" has no key in' in refused(desk, statement, "ruiz")


def _shifted(statement: Statement, by: timedelta) -> Statement:
    given_at, expires_at = statement.given_at + by, statement.expires_at + by
    return msgspec.structs.replace(statement, given_at=given_at, expires_at=expires_at)


def test_a_word_is_refused_where_signatures_are_required(desk: Desk) -> None:
    """It says how to sign, here and elsewhere; exit 4."""
    said = desk.voicedr("approve", desk.digest, "--as", "ruiz")
    assert said.code == 4
    assert "requires signed approvals" in said.err
    assert "--key FILE" in said.err
    assert "approval-statement" in said.err
    assert desk.approvals() == []


def test_without_a_list_of_signers_it_is_a_word_and_nothing_can_be_signed(desk: Desk) -> None:
    """Unsigned is said; asking for a signature says what the workbook lacks; exit 4."""
    desk.put("voicedr.yaml", GOOD)
    word = desk.voicedr("approve", desk.digest, "--as", "ruiz", "--note", "by telephone")
    assert word.code == 0
    assert "Unsigned: it is only their word." in " ".join(word.out.split())
    for command in (
        ("approval-statement", desk.digest, "--as", "chen"),
        ("approve", desk.digest, "--as", "chen", "--key", str(desk.laptops["chen"].key)),
    ):
        said = desk.voicedr(*command)
        assert said.code == 4
        assert "names no list of signers" in said.err
    assert [one.note for one in desk.approvals()] == ["by telephone"]


def test_options_that_do_not_go_together_are_wrong_use(desk: Desk) -> None:
    """Exit 2, and what goes with what."""
    key, file = ("--key", str(desk.laptops["ruiz"].key)), desk.put("a.txt", "x")
    for options, words in (
        (("--statement", file), "go together"),
        (("--signature", "-"), "go together"),
        ((*key, "--statement", file, "--signature", "-"), "one."),
        ((*key, "--note", "x"), "not part of what is signed"),
        (("--key", str(desk.folder / "none")), "is not a file"),
        (("--statement", str(desk.folder / "none"), "--signature", "-"), "cannot be read"),
    ):
        said = desk.voicedr("approve", desk.digest, "--as", "ruiz", *options)
        assert said.code == 2, said
        assert words in said.err
    assert desk.approvals() == []


def test_a_kept_plan_that_was_changed_is_not_approved(desk: Desk) -> None:
    """Its hash is computed anew from what is kept."""
    changed = msgspec.structs.replace(desk.scene.plan(), approvals=1)
    desk.scene.journal.keep_plan("ab" * 32, msgspec.json.encode(changed), datetime.now(UTC))
    said = desk.voicedr("approve", "ab" * 32, "--as", "ruiz", "--key", str(desk.laptops["ruiz"].key))
    assert said.code == 4
    assert "has another hash" in said.err


def asked(desk: Desk, monkeypatch: pytest.MonkeyPatch, *answers: str) -> list[str]:
    """What a terminal is asked until it is approved or stopped, with these answers."""
    questions: list[str] = []
    given = iter(answers)

    def prompt(question: str, **_: object) -> str:
        questions.append(question)
        return next(given)

    monkeypatch.setattr("voicedr.cli.approve.typer.prompt", prompt)
    monkeypatch.setattr("voicedr.cli.approve.sys.stdin.isatty", lambda: True)
    kept = desk.scene.journal.plan(desk.digest)
    assert kept is not None
    workbook = load_workbook(desk.folder / "voicedr.yaml")
    ask_for_approvals(workbook, desk.scene.journal, msgspec.json.decode(kept[1], type=Plan))
    assert next(given, None) is None
    return questions


def test_on_a_terminal_people_are_asked_until_the_plan_is_approved(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A wrong name, a wrong plan, a wrong key and no key are told, and it is asked again."""
    keys = {name: str(one.key) for name, one in desk.laptops.items()}
    six = desk.digest[:6]
    questions = asked(
        desk, monkeypatch,
        "nobody", "ruiz", "000000", "ruiz", six, keys["chen"], "ruiz", six, "", "ruiz", six, keys["ruiz"],
        "chen", six.upper(), keys["chen"],
    )  # fmt: skip
    assert any("none: sign elsewhere" in question for question in questions)
    assert [(one.person_id, one.signed) for one in desk.approvals()] == [("ruiz", True), ("chen", True)]
    told = " ".join(capsys.readouterr().out.split())
    for words in ("'nobody' is nobody", "not this plan", 'not one that "ruiz" may use', "requires signed approvals"):
        assert words in told


def test_on_a_terminal_one_may_stop(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty answer ends it with 4 and keeps the plan."""
    with pytest.raises(Stop) as stopped:
        asked(desk, monkeypatch, "")
    assert stopped.value.code == 4


def test_on_a_terminal_a_word_is_taken_where_signatures_are_not_required(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a list of signers a key is asked for and may be left out; without one nobody is asked for a key."""
    desk.put("voicedr.yaml", GOOD + "approvals: {allowed_signers: allowed_signers}\n")
    six = desk.digest[:6]
    with pytest.raises(Stop):
        asked(desk, monkeypatch, "ruiz", six, "", "")
    desk.put("voicedr.yaml", GOOD)
    asked(desk, monkeypatch, "chen", six)
    assert [(one.person, one.signed) for one in desk.approvals()] == [("A. Ruiz", False), ("B. Chen", False)]


def test_one_block_by_mail(desk: Desk) -> None:
    """Signed and wrapped elsewhere, quoted on its way, pasted here; the same block again, or another's, is refused."""
    statement = desk.put("approval.txt", desk.statement("ruiz"))
    made = CliRunner().invoke(app, ["approval-block", statement, "--key", str(desk.laptops["ruiz"].key)])
    assert made.exit_code == 0, made.exception
    mail = "On Saturday A. Ruiz wrote:\r\n" + "".join(f"> {line} \r\n" for line in made.stdout.splitlines())
    for_another = desk.voicedr("approve", desk.digest, "--as", "chen", "--paste", typed=mail)
    assert (for_another.code, 'the approval of "ruiz", not of "chen"' in for_another.err) == (4, True)
    pasted = desk.voicedr("approve", desk.digest, "--as", "ruiz", "--paste", typed=mail)
    assert pasted.code == 0, pasted.err
    again = desk.voicedr("approve", desk.digest, "--as", "ruiz", "--paste", typed=mail)
    assert (again.code, "was recorded before" in again.err) == (4, True)
    assert [(one.person_id, one.signed) for one in desk.approvals()] == [("ruiz", True)]
    both = desk.voicedr("approve", desk.digest, "--as", "ruiz", "--paste", "--key", "x", typed=mail)
    assert both.code == 2
