"""A git repository keeps checkpoints as every place does, and a rewritten history is found."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from ports.checkpoint_promises import CheckpointPromises, checkpoint
from voicedr.adapters.checkpoints.git import GitPlace
from voicedr.ports.checkpoints import CheckpointPlace, Contradicted, PlaceAway, PlaceUnusable

BRANCH = "refs/heads/voicedr-checkpoints"


def git(directory: Path, *words: str) -> str:
    """Run git as somebody would by hand."""
    who = ("-c", "user.name=Somebody", "-c", "user.email=somebody@acme.example")
    done = subprocess.run(["git", "-C", directory, *who, *words], capture_output=True, check=True, timeout=30)
    return done.stdout.decode().strip()


def repository(path: Path, *, bare: bool = False) -> Path:
    """A new one."""
    path.mkdir()
    git(path, "init", "--quiet", *(["--bare"] if bare else []))
    return path


@pytest.fixture
def pushed(tmp_path: Path) -> tuple[Path, Path]:
    """A repository here and the one that it is pushed to."""
    there = repository(tmp_path / "there.git", bare=True)
    here = repository(tmp_path / "here")
    git(here, "remote", "add", "origin", str(there))
    return here, there


class TestGitPlace(CheckpointPromises):
    """The promises, kept by a repository on this machine."""

    @pytest.fixture(autouse=True)
    def _at(self, tmp_path: Path) -> None:
        self._path = repository(tmp_path / "evidence")

    @asynccontextmanager
    async def reached(self) -> AsyncIterator[CheckpointPlace]:
        """The repository."""
        yield GitPlace(self._path)


def test_what_is_checked_out_stays(tmp_path: Path) -> None:
    """A work tree with changes in it is not touched: the branch has no work tree."""
    path = repository(tmp_path / "work")
    (path / "notes").write_text("mine")
    git(path, "add", "notes")
    asyncio.run(GitPlace(path).leave(checkpoint(1)))
    assert git(path, "status", "--porcelain") == "A  notes"
    assert git(path, "log", "--format=%s", BRANCH) == "run-1: 1 records, head aaaaaaaaaaaa"


def test_it_is_pushed(pushed: tuple[Path, Path]) -> None:
    """What is left here is at the remote when leave returns, and another machine reads it there."""
    here, there = pushed
    asyncio.run(GitPlace(here, remote="origin").leave(checkpoint(1)))
    assert git(there, "rev-parse", BRANCH) == git(here, "rev-parse", BRANCH)
    other = repository(here.parent / "other")
    git(other, "remote", "add", "origin", str(there))
    assert list(asyncio.run(GitPlace(other, remote="origin").read("run-1"))) == [checkpoint(1)]


def test_a_remote_that_is_away(pushed: tuple[Path, Path]) -> None:
    """Without its remote nothing is claimed to be left, and saying it again when it is back leaves it."""
    here, there = pushed
    place = GitPlace(here, remote="origin")
    asyncio.run(place.leave(checkpoint(1)))
    there.rename(there.parent / "gone")
    with pytest.raises(PlaceAway, match="remote cannot be read"):
        asyncio.run(place.leave(checkpoint(2)))
    (there.parent / "gone").rename(there)
    asyncio.run(place.leave(checkpoint(2)))
    assert git(there, "ls-tree", "-r", "--name-only", BRANCH).splitlines() == [
        "run-1/0000000001.json",
        "run-1/0000000002.json",
    ]


def test_a_rewritten_remote_is_found(pushed: tuple[Path, Path]) -> None:
    """Whoever throws the last checkpoint away at the remote, by force, is found out at the next look."""
    here, there = pushed
    place = GitPlace(here, remote="origin")
    for size in (1, 2):
        asyncio.run(place.leave(checkpoint(size)))
    git(there, "update-ref", BRANCH, f"{BRANCH}~1")
    assert git(there, "ls-tree", "-r", "--name-only", BRANCH) == "run-1/0000000001.json"
    with pytest.raises(Contradicted, match="history was rewritten"):
        asyncio.run(place.read("run-1"))


def test_a_branch_that_is_gone_is_found(pushed: tuple[Path, Path]) -> None:
    """A branch that was removed at the remote is no empty place."""
    here, there = pushed
    place = GitPlace(here, remote="origin")
    asyncio.run(place.leave(checkpoint(1)))
    git(there, "update-ref", "-d", BRANCH)
    with pytest.raises(Contradicted, match="was there and is gone"):
        asyncio.run(place.leave(checkpoint(2)))


def test_no_repository(tmp_path: Path) -> None:
    """A directory that is no repository is said to be none."""
    with pytest.raises(PlaceUnusable, match=r"(?i)not a git repository"):
        asyncio.run(GitPlace(tmp_path).leave(checkpoint(1)))
