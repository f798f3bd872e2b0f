"""Checkpoints are left beside the work at places: one that is away, slow or hostile delays nothing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest

from scenes import Scene
from voicedr.ports.checkpoints import CheckpointPlace, Contradicted, PlaceAway, PlaceUnusable
from voicedr.program.evidence.file import Checkpoint, verify
from voicedr.program.scope.checkpoints import Checkpoints
from voicedr.testing.virtual_time import VirtualClock, run_virtual
from voicedr.usecases.cut_over import cut_over
from voicedr.usecases.export_evidence import export_evidence
from voicedr.usecases.leave_checkpoints import AGAIN_S, LAST_S_MAX, CheckpointKeeper, checkpoints_beside

FOR_EVER = float("inf")


class Shelf:
    """A place in memory that is away until some virtual second, slow, or says no from then on."""

    def __init__(self, clock: VirtualClock, *, back_s: float = 0.0, slow_s: float = 0.0, no: Exception | None = None):
        self._clock = clock
        self._back_s, self._slow_s, self._no = back_s, slow_s, no
        self.kept: list[Checkpoint] = []
        self.asked_s: list[float] = []

    @property
    def name(self) -> str:
        """A name."""
        return "the shelf"

    async def leave(self, checkpoint: Checkpoint) -> None:
        """Keep it, or not."""
        self.asked_s.append(self._clock.monotonic_s())
        await self._clock.sleep(self._slow_s)
        if self._no is not None:
            raise self._no
        if self._clock.monotonic_s() < self._back_s:
            raise PlaceAway("the shelf did not answer.")
        self.kept.append(checkpoint)

    async def read(self, execution: str) -> Sequence[Checkpoint]:
        """What is kept."""
        return [one for one in self.kept if one.execution == execution]


class Run:
    """A cutover with a keeper beside it, in virtual time."""

    def __init__(self, folder: Path, rhythm: Checkpoints, **shelves: dict[str, object]) -> None:
        self.scene = Scene(folder, {"canary": 2, "rest": 12})
        self.scene.open()
        self.told: list[str] = []
        self.shelves: dict[str, Shelf] = {}
        self.took_s = self.finished_s = 0.0

        async def run(clock: VirtualClock) -> None:
            self.shelves = {name: Shelf(clock, **how) for name, how in shelves.items()}  # type: ignore[arg-type]
            places: list[CheckpointPlace] = list(self.shelves.values())
            keeper = CheckpointKeeper(
                self.scene.journal, "x1", places, rhythm, clock, sign=lambda words: b"signed", tell=self.told.append
            )
            async with checkpoints_beside(keeper, lambda _event, _state: None) as listener:
                state = await cut_over(
                    "x1", self.scene.journal, self.scene.providers(clock), None, clock, holder="me", listener=listener
                )
                self.took_s = clock.monotonic_s()
            assert state.finished is not None
            self.finished_s = clock.monotonic_s() - self.took_s

        run_virtual(run)


@pytest.mark.parametrize("rhythm", [Checkpoints(every_s=2.0), Checkpoints(every_s=None, every_records=20)])
def test_they_are_left_in_rhythm_and_at_the_end_and_all_agree(tmp_path: Path, rhythm: Checkpoints) -> None:
    """Every one is of a moment of this journal, the last of its end, and each is signed."""
    run = Run(tmp_path, rhythm, shelf={})
    kept = run.shelves["shelf"].kept
    sizes = [one.size for one in kept]
    records = len(run.scene.journal.read("x1"))
    assert sizes[-1] == records
    assert sizes == sorted(set(sizes))
    assert len(kept) > 3
    if rhythm.every_records:
        gaps = [after - before for before, after in zip([0, *sizes[:-1]], sizes[:-1], strict=False)]
        assert min(gaps) >= rhythm.every_records
    verdict = verify(export_evidence(run.scene.journal, "x1"), kept)
    assert (verdict.whole, verdict.held) == (True, len(kept)), verdict.what
    assert {one.signature for one in kept} == {b"signed".hex()}
    assert run.told == []


def test_a_place_that_is_away_is_told_once_and_tried_again_more_and_more_seldom(tmp_path: Path) -> None:
    """When it is back it gets the newest, and that is told, too."""
    run = Run(tmp_path, Checkpoints(every_s=1.0), shelf={"back_s": 9.0}, other={})
    shelf = run.shelves["shelf"]
    waits = [after - before for before, after in zip(shelf.asked_s, shelf.asked_s[1:], strict=False)]
    assert waits[0] >= AGAIN_S[0]
    assert waits[2] >= 4.0
    assert len(run.told) == 2, run.told
    assert run.told[0] == "checkpoints wait: the shelf did not answer."
    assert "again" in run.told[1]
    assert shelf.kept[-1] == run.shelves["other"].kept[-1]


def test_no_place_delays_the_work_or_another_place(tmp_path: Path) -> None:
    """One hangs for a minute, one is away for ever: the work takes as long as without them, and the end is bounded."""
    alone = Run(tmp_path / "a", Checkpoints(every_s=1.0))
    beside = Run(tmp_path / "b", Checkpoints(every_s=1.0), slow={"slow_s": 60.0}, gone={"back_s": FOR_EVER}, good={})
    assert beside.took_s == pytest.approx(alone.took_s, abs=0.2)
    assert beside.finished_s <= LAST_S_MAX + 0.1
    assert beside.shelves["good"].kept[-1].size == len(beside.scene.journal.read("x1"))
    assert all("voicedr checkpoint x1 --to" in words for words in beside.told if "at the end" in words)
    assert len([words for words in beside.told if "at the end" in words]) == 2


@pytest.mark.parametrize("no", [PlaceUnusable("the shelf is full."), Contradicted("the shelf has another head.")])
def test_a_place_that_says_no_is_asked_once(tmp_path: Path, no: Exception) -> None:
    """It is told at once and at the end, a contradiction as one, and nothing more is asked of it."""
    run = Run(tmp_path, Checkpoints(every_s=1.0), shelf={"no": no})
    assert len(run.shelves["shelf"].asked_s) == 1
    assert len(run.told) == 2
    assert str(no) in run.told[0]
    assert "the shelf has no checkpoint of the" in run.told[1]
    for words in run.told:
        assert ("CONTRADICTED" in words) == isinstance(no, Contradicted)


def test_a_journal_that_was_cut_during_the_run_is_found_by_what_was_left(tmp_path: Path) -> None:
    """A shorter journal with a new closing line does not get past the checkpoint at the end."""
    run = Run(tmp_path, Checkpoints(every_s=2.0), shelf={})
    lines = export_evidence(run.scene.journal, "x1").splitlines()
    last = msgspec.json.decode(lines[-4])
    cut = [*lines[:-3], msgspec.json.encode({"size": last["seq"], "head": last["hash"]})]
    body = b"\n".join(cut) + b"\n"
    assert verify(body).whole
    assert "cut off" in verify(body, run.shelves["shelf"].kept).what


def test_a_defect_of_a_place_is_told_and_does_not_undo_the_work(tmp_path: Path) -> None:
    """The execution is done, and what is missing is said."""
    run = Run(tmp_path, Checkpoints(every_s=1.0), shelf={"no": RuntimeError("a slip of ours")})
    assert len(run.told) == 1
    assert "a defect of voicedr" in run.told[0]
    assert "a slip of ours" in run.told[0]
