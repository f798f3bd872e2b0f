"""Checkpoints in a git repository, a commit each, on a branch of their own.

The branch is moved by compare-and-set (``git update-ref`` with the old value), and pushed without force, so that a
rewritten history is refused by git itself and is found when it is read. There is no work tree: whatever is checked out
in the repository stays as it is.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from asyncio.subprocess import PIPE
from collections.abc import Sequence
from pathlib import Path

from voicedr.adapters.checkpoints.line import in_order, is_there, path_of, read_lines, write_line
from voicedr.ports.checkpoints import Contradicted, PlaceAway, PlaceUnusable
from voicedr.program.evidence.file import Checkpoint

BRANCH = "voicedr-checkpoints"
GIT_S = 30.0
"""One git command, a push over a network included."""

RACES_MAX = 10
"""How often another writer may have been quicker."""

_NOBODY = "0" * 40


class GitPlace:
    """A repository on this machine, bare or not.

    Args:
        path: The repository.
        remote: A remote of it that everything is pushed to, and compared with; None: it stays here.
        branch: The branch.
    """

    def __init__(self, path: Path, *, remote: str | None = None, branch: str = BRANCH) -> None:
        self._path = path
        self._remote = remote
        self._branch = branch
        self._ref = f"refs/heads/{branch}"

    @property
    def name(self) -> str:
        """The path, the branch and the remote."""
        to = f" -> {self._remote}" if self._remote else ""
        return f"git {self._path} {self._branch}{to}"

    async def leave(self, checkpoint: Checkpoint) -> None:
        """Commit it, and push it if there is a remote. See the port."""
        await self._meet_remote()
        for _ in range(RACES_MAX):
            tip = await self._tip()
            if is_there(checkpoint, await self._of(tip, checkpoint.execution), self.name):
                break
            commit = await self._commit(tip, checkpoint)
            moved, said = await self._git("update-ref", self._ref, commit, tip or _NOBODY, fails=True)
            if moved == 0:
                break
        else:
            raise PlaceAway(f"{self.name}: other writers were quicker {RACES_MAX} times ({said}). It is tried again.")
        if self._remote is not None:
            await self._push()

    async def read(self, execution: str) -> Sequence[Checkpoint]:
        """What the branch holds, here and at the remote. See the port."""
        path_of(execution, 0)
        await self._meet_remote()
        return in_order(await self._of(await self._tip(), execution), execution)

    async def _meet_remote(self) -> None:
        """Take what the remote has more than we, and see that each holds what the other had."""
        if self._remote is None:
            return
        there = f"refs/remotes/{self._remote}/{self._branch}"
        before = await self._rev(there)
        code, said = await self._git("fetch", "--quiet", "--no-tags", self._remote, f"+{self._ref}:{there}", fails=True)
        if code != 0 and "couldn't find remote ref" in said:
            if before is not None:
                raise Contradicted(f"{self.name}: the branch was there and is gone. Look who removed it.")
            return
        if code != 0:
            raise PlaceAway(f"{self.name}: the remote cannot be read ({said}). It is tried again.")
        theirs, ours = await self._rev(there), await self._tip()
        if before is not None and theirs is not None and not await self._holds(theirs, before):
            raise Contradicted(
                f"{self.name}: the remote's history was rewritten: it had {before[:12]}, and {theirs[:12]} does not"
                f" come after it. Look who pushed; {before[:12]} is still in {self._path}."
            )
        if theirs is None or ours is None or await self._holds(theirs, ours):
            if theirs is not None and theirs != ours:
                await self._git("update-ref", self._ref, theirs, ours or _NOBODY)
        elif not await self._holds(ours, theirs):
            raise Contradicted(
                f"{self.name}: the branch here ({ours[:12]}) and at the remote ({theirs[:12]}) have gone apart. Neither"
                f" was changed; look which one was rewritten."
            )

    async def _push(self) -> None:
        code, said = await self._git("push", "--quiet", str(self._remote), f"{self._ref}:{self._ref}", fails=True)
        if code == 0:
            return
        if "non-fast-forward" in said or "fetch first" in said or "rejected" in said:
            # Another machine was quicker, or somebody rewrote: meeting the remote tells which.
            await self._meet_remote()
            raise PlaceAway(f"{self.name}: somebody pushed meanwhile. It is tried again.")
        raise PlaceAway(f"{self.name}: it is committed here, and cannot be pushed ({said}). It is tried again.")

    async def _commit(self, tip: str | None, checkpoint: Checkpoint) -> str:
        with tempfile.TemporaryDirectory(prefix="voicedr-git-") as directory:
            index = {"GIT_INDEX_FILE": str(Path(directory) / "index")}
            if tip is not None:
                await self._git("read-tree", tip, env=index)
            _, blob = await self._git("hash-object", "-w", "--stdin", body=write_line(checkpoint))
            path = path_of(checkpoint.execution, checkpoint.size)
            await self._git("update-index", "--add", "--cacheinfo", f"100644,{blob},{path}", env=index)
            _, tree = await self._git("write-tree", env=index)
        words = f"{checkpoint.execution}: {checkpoint.size} records, head {checkpoint.head[:12]}"
        parent = ("-p", tip) if tip is not None else ()
        at = f"{int(checkpoint.at.timestamp())} +0000"
        who = {
            f"GIT_{role}_{what}": value
            for role in ("AUTHOR", "COMMITTER")
            for what, value in (("NAME", "voicedr"), ("EMAIL", "voicedr@localhost"), ("DATE", at))
        }
        _, commit = await self._git("commit-tree", tree, *parent, "-m", words, env=who)
        return commit

    async def _of(self, tip: str | None, execution: str) -> list[Checkpoint]:
        if tip is None:
            return []
        folder = path_of(execution, 0).partition("/")[0]
        _, listed = await self._git("ls-tree", "-r", "--name-only", tip, f"{folder}/")
        found: list[Checkpoint] = []
        if listed:
            # One process for all: a name a line in, each object with a head of its own out.
            asked = "".join(f"{tip}:{path}\n" for path in listed.splitlines()).encode()
            body = await self._run("cat-file", "--batch=%(objectsize)", body=asked)
            found = read_lines(_objects(body), f"{self.name} {folder}")
        return found

    async def _tip(self) -> str | None:
        return await self._rev(self._ref)

    async def _rev(self, ref: str) -> str | None:
        code, said = await self._git("rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}", fails=True)
        return said if code == 0 else None

    async def _holds(self, later: str, earlier: str) -> bool:
        code, _ = await self._git("merge-base", "--is-ancestor", earlier, later, fails=True)
        return code == 0

    async def _git(
        self, *words: str, body: bytes = b"", env: dict[str, str] | None = None, fails: bool = False
    ) -> tuple[int, str]:
        """Exit code and what it said: its output, or where it fails its complaint, on one line."""
        code, out, err = await self._process(words, body, env or {})
        if code == 0:
            return 0, out.decode("utf-8", "replace").strip()
        said = " ".join(err.decode("utf-8", "replace").split())[:300]
        if fails:
            return code, said
        raise PlaceUnusable(f"{self.name}: git {words[0]} failed ({said}). Name a git repository: git:/path.")

    async def _run(self, *words: str, body: bytes) -> bytes:
        code, out, _ = await self._process(words, body, {})
        if code != 0:
            raise PlaceUnusable(f"{self.name}: git {words[0]} failed. Look at the repository: git fsck.")
        return out

    async def _process(self, words: Sequence[str], body: bytes, env: dict[str, str]) -> tuple[int, bytes, bytes]:
        # A prompt for a password would wait for nobody; the repository is the one that is named, and no other.
        whole = {**os.environ, **env, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
        for name in ("GIT_DIR", "GIT_WORK_TREE"):
            whole.pop(name, None)
        try:
            process = await asyncio.create_subprocess_exec(
                "git", "-C", str(self._path), *words,
                stdin=PIPE, stdout=PIPE, stderr=PIPE, env=whole,
            )  # fmt: skip
        except OSError as exc:
            raise PlaceUnusable(f"git cannot be run ({exc.strerror}). Install git, or name another place.") from exc
        try:
            async with asyncio.timeout(GIT_S):
                out, err = await process.communicate(body)
        except TimeoutError as exc:
            raise PlaceAway(f"{self.name}: git {words[0]} took longer than {GIT_S:.0f} s. It is tried again.") from exc
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        return process.returncode or 0, out, err


def _objects(batch: bytes) -> bytes:
    """The bodies in the output of ``git cat-file --batch=%(objectsize)``, one after the other."""
    bodies: list[bytes] = []
    at = 0
    while at < len(batch):
        end = batch.index(b"\n", at)
        size = int(batch[at:end])
        bodies.append(batch[end + 1 : end + 1 + size])
        at = end + 1 + size + 1
    return b"".join(bodies)
