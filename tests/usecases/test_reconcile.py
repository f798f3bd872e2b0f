"""What callers left in the standby is fetched whole, once, and what is not there has its reason."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from scenes import NOW, Scene, number
from voicedr.adapters.export_folder import NOTES, ExportFolder
from voicedr.ports.provider import Unreachable
from voicedr.program.execution.plan import Plan
from voicedr.program.reconciliation.kept import Kept, KeptKind
from voicedr.program.reconciliation.manifest import NAME, Counts, Missing, read
from voicedr.program.reconciliation.window import Stay
from voicedr.program.vocabulary import IE1, US1
from voicedr.testing.fake_provider import FakeProvider, Fault
from voicedr.testing.virtual_time import VirtualClock, run_virtual
from voicedr.usecases.reconcile import OtherExport, Wanted, check, reconcile

SINCE = datetime(2026, 1, 1, 10, 0, tzinfo=UTC)
UNTIL = SINCE + timedelta(hours=2)
LATER = SINCE + timedelta(hours=8)
STAY = Stay("x1", "support-line", IE1, SINCE, UNTIL, "the last number that x2 proved in us1")
STRANGER = "+12025550177"


class Standby:
    """A Region in which callers left something: five calls of the flow, one of somebody else, and one of yesterday."""

    def __init__(self, folder: Path, sounds: int = 3) -> None:
        self.scene = Scene(folder / "scene")
        self.plan: Plan = self.scene.plan()
        self.account = self.scene.account
        self.folder = folder / "export"
        self.exports = ExportFolder(self.folder)
        self.calls = [self.call(number(n), minutes=n + 1) for n in range(5)]
        self.other = self.call("+14155559999", minutes=3)
        self.call(number(0), minutes=-90)
        self.call(number(0), minutes=150)
        self.recordings = [
            self.recording(self.calls[n], "RecordVerb" if n % 2 else "DialVerb", b"RIFF" + bytes([n]) * 1000)
            for n in range(sounds)
        ]
        self.recording(self.other, "RecordVerb", b"RIFFsomebody else's")

    def call(self, to: str, *, minutes: float) -> str:
        """A call of so many minutes after the flow came."""
        at = SINCE + timedelta(minutes=minutes)
        return self.account.log_call(IE1, STRANGER, to, status="completed", direction="inbound", now=at).sid

    def recording(self, call: str, source: str, sound: bytes | None, status: str = "completed") -> str:
        """A recording of a call."""
        raw = {"call_sid": call, "source": source, "status": status}
        return self.keep("recording", raw, sound, call_sid=call, source=source, status=status)

    def keep(self, kind: KeptKind, told: dict[str, Any], sound: bytes | None = None, **fields: str) -> str:
        """Anything that the Region keeps."""
        prefix = {"recording": "RE", "transcription": "TR", "message": "SM"}[kind]
        sid = self.account.new_sid(prefix)
        raw = msgspec.json.encode({"sid": sid, **told})
        at = SINCE + timedelta(minutes=30)
        self.account.keep(IE1, Kept(kind, sid, at, f"https://ie1.example/{sid}.json", raw, **fields), sound)
        return sid

    def run(self, wanted: Wanted | None = None, faults: dict[str, Fault] | None = None, **fail: Any) -> Counts:
        """Reconcile once."""
        self.provider: FakeProvider | None = None

        async def main(clock: VirtualClock) -> Counts:
            self.provider = FakeProvider(self.account, IE1, clock)
            for method, fault in (faults or {}).items():
                self.provider.fail(method, fault, **fail)
            found, self.digest = await reconcile(
                STAY, self.plan, wanted or Wanted(), self.provider, self.exports, clock
            )
            return found

        return run_virtual(main, start=LATER)

    def lines(self, name: str) -> list[dict[str, Any]]:
        """The lines of a list."""
        return [json.loads(line) for line in (self.folder / name).read_bytes().splitlines()]

    def missing(self) -> dict[str, Missing]:
        """What the manifest says is not there."""
        found = read((self.folder / NAME).read_bytes())
        return {one.sid or one.kind: one for one in found if isinstance(one, Missing)}


def test_the_flows_things_of_that_time_are_fetched_and_nothing_else(tmp_path: Path) -> None:
    """Calls of the flow with their recordings, sound, transcriptions and messages; verified offline; only read."""
    there = Standby(tmp_path)
    leg = there.account.log_call(
        IE1, number(0), "+15555550123", status="completed", direction="outbound-dial", now=SINCE + timedelta(minutes=5)
    ).sid
    there.keep("transcription", {"transcription_text": "call me"}, recording_sid=there.recordings[1])
    there.keep("transcription", {"transcription_text": "not ours"}, recording_sid="RE" + "9" * 32)
    there.keep("message", {"body": "hello", "from": STRANGER, "to": number(1)}, from_=STRANGER, to=number(1))
    there.keep("message", {"body": "not ours"}, from_=STRANGER, to="+14155559999")
    counts = there.run()
    assert (counts.calls, counts.recordings, counts.voicemails, counts.media) == (6, 3, 1, 3)
    assert (counts.transcriptions, counts.messages, counts.missing) == (1, 1, 0)
    assert {one["sid"] for one in there.lines("calls.jsonl")} == {*there.calls, leg}
    assert [one["transcription_text"] for one in there.lines("transcriptions.jsonl")] == ["call me"]
    assert [one["body"] for one in there.lines("messages.jsonl")] == ["hello"]
    for n, sid in enumerate(there.recordings):
        assert (there.folder / "media" / f"{sid}.wav").read_bytes() == b"RIFF" + bytes([n]) * 1000
    head, again, problems = check(there.exports)
    assert (head.execution, again, problems) == ("x1", counts, [])
    assert not there.account.writes
    assert not there.account.changes
    assert not [key for key in there.account.asked if key[0] == US1]
    assert {path.stat().st_mode & 0o077 for path in (there.folder, there.folder / "media")} == {0}


def test_what_has_no_sound_says_why(tmp_path: Path) -> None:
    """Deleted and empty ones are settled; what runs, is too large, or could not be had is to be fetched again."""
    there = Standby(tmp_path, sounds=0)
    deleted = there.recording(there.calls[0], "RecordVerb", None, "deleted")
    absent = there.recording(there.calls[0], "RecordVerb", None, "absent")
    runs = there.recording(there.calls[1], "DialVerb", None, "in-progress")
    large = there.recording(there.calls[2], "DialVerb", b"RIFF" + bytes(5000))
    gone = there.recording(there.calls[3], "RecordVerb", None)
    meeting = there.keep("recording", {}, b"RIFF", conference_sid="CF1", source="Conference", status="completed")
    counts = there.run(Wanted(bytes_max=4000))
    found = there.missing()
    assert {sid: one.settled for sid, one in found.items()} == {
        deleted: True, absent: True, meeting: True, runs: False, large: False, gone: False,
    }  # fmt: skip
    assert "deleted" in found[deleted].why
    assert "in-progress" in found[runs].why
    assert "--megabytes-max" in found[large].why
    assert "not there" in found[gone].why
    assert "--conferences" in found[meeting].why
    assert (counts.missing, counts.unsettled, counts.media) == (6, 3, 0)
    assert check(there.exports)[2] == []
    assert there.run(Wanted(conferences=True)).media == 2


def test_a_list_that_cannot_be_read_is_missing_and_not_silently_empty(tmp_path: Path) -> None:
    """Recordings that could not be listed are named; without the calls nothing is said at all."""
    there = Standby(tmp_path)
    counts = there.run(faults={"kept": Fault.UNREACHABLE}, about="message")
    assert counts.unsettled == 1
    assert "nobody was reached" in there.missing()["message"].why
    assert there.run().missing == 0
    with pytest.raises(Unreachable):
        there.run(faults={"kept": Fault.UNREACHABLE}, about="call")
    assert check(there.exports)[2] == []


def test_the_limit_of_bytes_is_kept_and_the_next_run_goes_on(tmp_path: Path) -> None:
    """Voicemails come first; what is left for the next time says so; nothing is fetched twice."""
    there = Standby(tmp_path, sounds=5)
    counts = there.run(Wanted(bytes_max=2500))
    assert counts.media == 2
    assert counts.unsettled == 3
    assert {path.stem for path in (there.folder / "media").iterdir()} == {there.recordings[1], there.recordings[3]}
    assert all("limit of 2500 bytes" in one.why or "bytes" in one.why for one in there.missing().values())
    counts = there.run()
    assert (counts.media, counts.unsettled) == (5, 0)
    assert there.provider is not None
    assert there.provider.asked["media"] == 3


def test_after_several_in_vain_the_rest_waits(tmp_path: Path) -> None:
    """A Region that stopped answering does not cost a time-out for each recording."""
    there = Standby(tmp_path, sounds=5)
    for n in range(20):
        there.recording(there.calls[n % 5], "DialVerb", b"RIFF")
    counts = there.run(faults={"media": Fault.UNREACHABLE})
    assert counts.unsettled == 25
    assert there.provider is not None
    assert there.provider.asked["media"] <= 6
    assert sum("not tried" in one.why for one in there.missing().values()) >= 19
    assert there.run().media == 25


class Killed(SystemExit):
    """The process ends here."""


class DyingFolder(ExportFolder):
    """A folder in a process that dies just before, in the middle of, or just after its n-th write."""

    def __init__(self, folder: Path, n: int, how: str) -> None:
        super().__init__(folder)
        self._place, self._left, self._how = folder, n, how

    def keep(self, name: str, body: bytes) -> None:
        """Write, or die."""
        self._left -= 1
        if self._left == 0 and self._how == "middle":
            part = self._place / f"{name}.part"
            part.parent.mkdir(parents=True, exist_ok=True)
            part.write_bytes(body[: len(body) // 2])
        if self._left == 0 and self._how != "after":
            raise Killed
        super().keep(name, body)
        if self._left == 0:
            raise Killed

    def note(self, line: bytes) -> None:
        """Note, or die."""
        self._left -= 1
        if self._left == 0 and self._how == "middle":
            self._place.mkdir(exist_ok=True)
            with (self._place / NOTES).open("ab") as file:
                file.write(line[: len(line) // 2])
        if self._left == 0 and self._how != "after":
            raise Killed
        super().note(line)
        if self._left == 0:
            raise Killed

    def drop_notes(self) -> None:
        """Forget, or die."""
        self._left -= 1
        if self._left == 0:
            raise Killed
        super().drop_notes()


@pytest.mark.parametrize("how", ["before", "middle", "after"])
def test_killed_at_any_write_it_goes_on_and_ends_the_same(tmp_path: Path, how: str) -> None:
    """The same files and the same manifest but for times; no sound that was noted is fetched again."""
    whole = Standby(tmp_path / "whole")
    wanted = whole.run()
    n = 0
    while True:
        n += 1
        there = Standby(tmp_path / str(n))
        there.exports = DyingFolder(there.folder, n, how)
        try:
            there.run()
            died = False
        except Killed:
            died = True
        first = there.provider.asked["media"] if there.provider is not None else 0
        there.exports = ExportFolder(there.folder)
        noted = sum(b'"line":"media"' in line for line in there.exports.notes())
        finished = (there.folder / NAME).exists()
        assert there.run() == wanted, f"after dying {how} write {n}"
        assert there.provider is not None
        assert there.provider.asked["media"] == (0 if finished else 3 - noted), (
            f"after dying {how} write {n} of {first}"
        )
        assert check(there.exports)[2] == [], f"after dying {how} write {n}"
        assert there.exports.names() == whole.exports.names()
        assert not (there.folder / NOTES).exists()
        if not died:
            break
    assert n > 12


def test_redacted_and_without_media_hold_no_number_and_no_word(tmp_path: Path) -> None:
    """Numbers are shortened everywhere, what was said is left out, and the manifest holds for what is there."""
    there = Standby(tmp_path)
    there.keep("transcription", {"transcription_text": "call me"}, recording_sid=there.recordings[1])
    there.keep("message", {"body": f"hi {STRANGER}", "from": STRANGER}, from_=STRANGER, to=number(1))
    counts = there.run(Wanted(media=None, redact=True))
    assert (counts.media, counts.missing, counts.unsettled) == (0, 3, 0)
    assert (counts.transcriptions, counts.messages, counts.recordings) == (1, 1, 3)
    everything = b"".join(path.read_bytes() for path in there.folder.rglob("*") if path.is_file())
    for told in (STRANGER, number(1), "call me", "hi "):
        assert told.encode() not in everything
    assert "+12…77".encode() in everything
    assert check(there.exports)[2] == []
    with pytest.raises(OtherExport, match="shortened numbers"):
        there.run()


def test_what_the_provider_forgets_is_kept(tmp_path: Path) -> None:
    """A second run after somebody deleted a recording there still has its line and its sound."""
    there = Standby(tmp_path)
    before = there.run()
    there.account._kept[IE1] = [one for one in there.account._kept[IE1] if one.sid != there.recordings[1]]
    assert there.run() == before
    assert check(there.exports)[2] == []


def test_another_export_or_strange_files_are_not_touched(tmp_path: Path) -> None:
    """A folder that holds something else is refused before anything is written."""
    there = Standby(tmp_path)
    there.folder.mkdir()
    (there.folder / "thesis.txt").write_text("mine")
    with pytest.raises(OtherExport, match="no export"):
        there.run()
    assert [path.name for path in there.folder.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("cut", "calls.jsonl"),
        ("edit", "is changed or gone"),
        ("remove", "is gone"),
        ("add", "is not in the manifest"),
        ("sound", "not what was exported"),
    ],
)
def test_check_finds_every_change(tmp_path: Path, change: str, said: str) -> None:
    """A byte, a line, a file: each is found with its name, offline."""
    there = Standby(tmp_path)
    there.run()
    calls, sound = there.folder / "calls.jsonl", there.folder / "media" / f"{there.recordings[0]}.wav"
    match change:
        case "cut":
            calls.write_bytes(calls.read_bytes()[:-20])
        case "edit":
            calls.write_bytes(calls.read_bytes().replace(b"completed", b"no-answer", 1))
        case "remove":
            sound.unlink()
        case "add":
            (there.folder / "media" / "extra.wav").write_bytes(b"RIFF")
        case "sound":
            sound.write_bytes(sound.read_bytes()[:-1] + b"x")
    problems = check(ExportFolder(there.folder))[2]
    assert any(said in one for one in problems), problems
    assert NOW < SINCE
