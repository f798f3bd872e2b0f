"""``voicedr bag`` and ``voicedr can-i-act`` as they are typed: each refusal with its code and the way on."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bag_scene import KEY, OTHER_KEY, PEM, PEOPLE, MadeBag
from program.scope.support_line import GOOD
from scenes import account_values, fake_account, flow_of, snapshot_of
from voicedr.adapters.machine_key import public_pem
from voicedr.cli.failures import exit_code
from voicedr.cli.main import app
from voicedr.program.bag.contents import fingerprint
from voicedr.program.scope.workbook import Workbook
from voicedr.usecases.make_bag import Maker, Papers, make_bag


@dataclass
class Said:
    """How a command ended."""

    code: int
    out: str
    err: str


@dataclass
class Desk:
    """A laptop with a bag of now."""

    folder: Path
    made: MadeBag

    @property
    def bag(self) -> str:
        """The file."""
        return self.put("go-bag.zip", self.made.body)

    @property
    def trusting(self) -> tuple[str, ...]:
        """The option that says whose key is on the paper."""
        return ("--trust", fingerprint(PEM)[:16])

    def put(self, name: str, body: bytes) -> str:
        """A file on it."""
        (self.folder / name).write_bytes(body)
        return str(self.folder / name)

    def voicedr(self, *arguments: str) -> Said:
        """Run a command as ``main`` does, where no workbook lies."""
        command: Sequence[str] = (*arguments, "-w", str(self.folder / "none.yaml"))
        ended = CliRunner().invoke(app, command)
        if ended.exception is not None and not isinstance(ended.exception, SystemExit):
            code = exit_code(ended.exception)
            assert code is not None, ended.exception
            return Said(code, ended.stdout, str(ended.exception))
        return Said(ended.exit_code, ended.stdout, ended.stderr)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """The bag was made a minute ago."""
    return Desk(tmp_path, bag_of(datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=1)))


def bag_of(made_at: datetime, *, valid: timedelta = timedelta(days=30), text: bytes = GOOD.encode()) -> MadeBag:
    """A bag that was made at some time."""
    flow = flow_of({"canary": 1, "rest": 2})
    workbook = Workbook(account_values(), PEOPLE, (flow,), "voicedr.yaml")
    snapshot = snapshot_of(fake_account(flow), flow)
    maker = Maker("ana@laptop", "0.1", PEM, KEY.sign)
    body, contents = make_bag(workbook, (flow,), snapshot, Papers(text), {}, maker, made_at, made_at + valid)
    return MadeBag(workbook, snapshot, body, contents)


def test_a_good_bag_is_told_with_what_it_can_do(desk: Desk) -> None:
    """By paper, by the key's file, in words and for machines."""
    said = desk.voicedr("bag", "check", desk.bag, *desk.trusting)
    assert said.code == 0, said.err
    words = " ".join(said.out.split())
    assert "good: bag" in words
    assert "support-line ungraceful moves 3, needs 2 approvals" in words
    told = desk.voicedr("bag", "check", desk.bag, "--trust", desk.put("key.pem", PEM), "--json")
    value = json.loads(told.out)
    assert value["key"] == fingerprint(PEM)
    assert {one["mode"] for one in value["contents"]["plans"]} == {"graceful", "ungraceful"}


def _cut(desk: Desk) -> bytes:
    return desk.made.body[:-100]


def _edited(desk: Desk) -> bytes:
    def change(members: dict[str, bytes]) -> None:
        members["hosts.json"] = b"[]\n"

    return desk.made.changed(change)


def _newer(desk: Desk) -> bytes:
    return desk.made.with_contents(voicedr_bag=2)


def _expired(_desk: Desk) -> bytes:
    return bag_of(datetime.now(UTC) - timedelta(days=31)).body


def _forged(desk: Desk) -> bytes:
    return desk.made.with_contents(OTHER_KEY, made_by="mallory")


def _no_bag(_desk: Desk) -> bytes:
    return b"hello"


@pytest.mark.parametrize("command", ["check", "run", "can-i-act"])
@pytest.mark.parametrize(
    ("body", "code", "words"),
    [
        (_cut, 4, "not a whole ZIP archive"),
        (_edited, 4, "hosts.json in it was changed"),
        (_forged, 4, "not signed with the key in it"),
        (_expired, 4, "Have it made again where the workbook is: voicedr bag make."),
        (_newer, 2, "this release reads version 1"),
        (_no_bag, 4, "not a whole ZIP archive"),
    ],
)
def test_no_command_uses_a_bag_that_is_refused(
    desk: Desk, command: str, body: Callable[[Desk], bytes], code: int, words: str
) -> None:
    """Edited, cut, forged, expired, of another version: said with the file's name; nothing is unpacked."""
    bag = desk.put("bad.zip", body(desk))
    if command == "can-i-act":
        said = desk.voicedr("can-i-act", "--bag", bag, *desk.trusting)
        assert said.code == 1
        assert words in " ".join(said.out.split())
        assert "You can NOT act" in said.out
    else:
        flow = ("support-line",) if command == "run" else ()
        said = desk.voicedr("bag", command, bag, *flow, *desk.trusting)
        assert said.code == code, said
        assert words in " ".join(said.err.split())
        assert said.err.startswith(bag)
    assert [one.name for one in desk.folder.iterdir()] == ["bad.zip"]


def test_a_bag_of_an_unknown_maker_is_refused_until_somebody_has_compared_the_key(desk: Desk) -> None:
    """Without a paper, with another key's paper, with no paper at all."""
    other = public_pem(OTHER_KEY).encode()
    for trust in ((), ("--trust", fingerprint(other)), ("--trust", desk.put("other.pem", other))):
        said = desk.voicedr("bag", "check", desk.bag, *trust)
        assert said.code == 4
        assert f"--trust {fingerprint(PEM)[:16]}" in said.err
    for wrong in ("0123", "not/a/file", desk.put("text", b"hello")):
        assert desk.voicedr("bag", "check", desk.bag, "--trust", wrong).code == 2


def test_what_a_bag_has_not_is_said_with_what_it_has(desk: Desk) -> None:
    """Exit 2; no folder is made."""
    said = desk.voicedr("bag", "run", desk.bag, "sales", *desk.trusting)
    assert said.code == 2
    assert "no ungraceful plan for 'sales'. It has: support-line (ungraceful), support-line (graceful)" in said.err
    assert not (desk.folder / "go-bag.run").exists()


def test_a_run_without_approvals_ends_with_4_and_says_how_to_give_them_here(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The workbook of the bag and a fresh journal lie beside it then; a rule about gaps cannot be broken over it."""
    for name in ("TWILIO_KEY_US1", "TWILIO_SECRET_US1"):
        monkeypatch.setenv(name, "x")
    monkeypatch.setenv("VOICEDR_ADDRESS", "http://127.0.0.1:9")
    secret = desk.put("ie1", b"x" * 32)
    text = GOOD.replace("/run/secrets/twilio-ie1", secret).encode()
    desk.made = bag_of(datetime.now(UTC).replace(microsecond=0), text=text)
    said = desk.voicedr("bag", "run", desk.bag, "support-line", *desk.trusting)
    folder = desk.folder / "go-bag.run"
    assert said.code == 4, said
    assert "must approve it" in said.err
    assert f"VOICEDR_WORKBOOK={folder / 'voicedr.yaml'} VOICEDR_JOURNAL={folder / 'journal.db'}" in said.err
    assert (folder / "voicedr.yaml").read_bytes() == text
    glass = ("--break-glass", "readiness-gap", "--why", "now", "--as", "ruiz")
    gap = desk.voicedr("bag", "run", desk.bag, "support-line", *desk.trusting, *glass)
    assert gap.code == 4
    assert "voicedr failover support-line --break-glass readiness-gap" in gap.err
    (folder / "voicedr.yaml").write_bytes(b"voicedr: 1\n")
    changed = desk.voicedr("bag", "run", desk.bag, "support-line", *desk.trusting)
    assert (changed.code, "not what the bag holds any more" in changed.err) == (2, True)


@pytest.mark.parametrize("valid", ["30", "0d", "91d", "x", "-1d", "10s", "1.5d", "٣d"])
def test_a_bag_is_valid_for_a_time_that_makes_sense(tmp_path: Path, valid: str) -> None:
    """Exit 2 before anything is read."""
    (tmp_path / "voicedr.yaml").write_text(GOOD)
    ended = CliRunner().invoke(app, ["bag", "make", "--valid-for", valid, "-w", str(tmp_path / "voicedr.yaml")])
    assert ended.exception is not None
    assert exit_code(ended.exception) == 2
    assert "30d, 12h" in str(ended.exception)


def test_a_list_of_signers_that_a_bag_cannot_carry_is_refused(tmp_path: Path) -> None:
    """It must lie beside or below the workbook, and be there."""
    for place, words in (
        ("../signers", "beside or below"),
        ("/etc/signers", "beside or below"),
        ("none", "approves nothing"),
    ):
        (tmp_path / "voicedr.yaml").write_text(f"{GOOD}approvals: {{allowed_signers: {place}}}\n")
        ended = CliRunner().invoke(app, ["bag", "make", "-w", str(tmp_path / "voicedr.yaml")])
        assert ended.exception is not None
        assert exit_code(ended.exception) in (2, 4)
        assert words in str(ended.exception)


def test_what_is_no_evidence_is_not_merged(desk: Desk) -> None:
    """Exit 4 with how to get some; a file that is not there is wrong use."""
    said = desk.voicedr("bag", "merge", desk.put("text", b"hello"), "--journal", str(desk.folder / "team.db"))
    assert said.code == 4
    assert "voicedr export EXECUTION" in said.err
    assert desk.voicedr("bag", "merge", str(desk.folder / "nothing")).code == 2
    assert not (desk.folder / "team.db").exists()


def test_can_i_act_is_not_known_before_somebody_says_who_they_are_and_no_without_secrets(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With nothing to reach, every line has the way on, within the time that is promised; nothing is made."""
    monkeypatch.setenv("VOICEDR_ADDRESS", "http://127.0.0.1:9")
    began = datetime.now(UTC)
    said = desk.voicedr("can-i-act", "--bag", desk.bag, *desk.trusting, "--json")
    assert (datetime.now(UTC) - began).total_seconds() < 15
    assert said.code == 1
    value = json.loads(said.out)
    looks = {look["about"]: look for look in value["looks"]}
    assert (value["can_act"], value["stands"]) == (False, "not")
    stands = {about: look["stands"] for about, look in looks.items()}
    assert stands["secret: API secret of ie1"] == "not"
    assert stands["reach env:VOICEDR_ADDRESS"] == "not"
    assert stands["key of ie1"] == stands["clock"] == stands["routes of ie1"] == "unknown"
    assert stands["you, for support-line"] == "unknown"
    assert stands["bag"] == stands["disk"] == stands["journal"] == "ok"
    assert not [look for look in looks.values() if look["stands"] != "ok" and not look["next"]]
    assert not (desk.folder / "go-bag.run").exists()
