"""One process of the deployment: started, killed, stopped, started again; it does not outlive us."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from pathlib import Path

from voicedr.cli.failures import WRONG_USE, Stop
from voicedr.cli.sample.parts import Part, search_path
from voicedr.ports.http import NoResponse, Request, Send, Timeouts

READY_S_MAX = 40.0
"""Python processes start in a second each; a busy machine takes its time."""
LOOK_S = 0.1
STOP_S_MAX = 1.5
"""Nothing here is kept, so nothing needs a longer farewell; nodes of a store that all end wait for each other."""
SAID_BYTES_MAX = 2000


class Process:
    """A part and its process."""

    def __init__(self, part: Part, logs: Path, send: Send) -> None:
        self.part = part
        self._log = logs / f"{part.name}.log"
        self._send = send
        self._process: asyncio.subprocess.Process | None = None
        self._hangs = False

    @property
    def pid(self) -> int | None:
        """Its process id; None: it does not run."""
        return self._process.pid if self._process is not None and self._process.returncode is None else None

    @property
    def state(self) -> str:
        """``runs``, ``hangs``, or how it ended."""
        if self._process is None:
            return "not started"
        if self._process.returncode is None:
            return "hangs" if self._hangs else "runs"
        return f"ended ({self._process.returncode})"

    async def start(self) -> None:
        """Start it, and come back when it answers.

        Raises:
            Stop: If it does not: with what it said.
        """
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *_ends_with_us(), *self.part.words, stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log,
                env={**os.environ, "PATH": search_path()},
            )  # fmt: skip
        self._hangs = False
        loop = asyncio.get_running_loop()
        until_s = loop.time() + READY_S_MAX
        while not await self.answers():
            if self._process.returncode is not None or loop.time() > until_s:
                raise Stop(f"{self.part.name} did not start ({self.state}): {self._said()}", WRONG_USE)
            await asyncio.sleep(LOOK_S)

    async def kill(self) -> None:
        """It dies at once."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    def hang(self) -> None:
        """It is stopped: its connections stay, and nothing is answered."""
        if self.pid is not None:
            os.kill(self.pid, signal.SIGSTOP)
            self._hangs = True

    async def heal(self) -> None:
        """It runs again, whatever was done to it."""
        if self.pid is None:
            await self.start()
        elif self._hangs:
            os.kill(self.pid, signal.SIGCONT)
            self._hangs = False

    async def end(self) -> None:
        """End it in order, or else at once."""
        if self._process is None or self._process.returncode is not None:
            return
        self._process.send_signal(signal.SIGCONT)
        self._process.terminate()
        try:
            await asyncio.wait_for(self._process.wait(), STOP_S_MAX)
        except TimeoutError:
            await self.kill()

    async def answers(self) -> bool:
        """Whether it says that it is well."""
        try:
            answer = await self._send(Request("GET", self.part.url + self.part.health), Timeouts(0.5, 1.0))
        except NoResponse:
            return False
        return answer.status == 200

    def _said(self) -> str:
        content = self._log.read_bytes()[-SAID_BYTES_MAX:]
        return content.decode(errors="replace").strip() or "it said nothing"


def _ends_with_us() -> list[str]:
    """What lets a child die with us, also if we are killed and tidy nothing up. Linux has it."""
    setpriv = shutil.which("setpriv")
    return [] if setpriv is None else [setpriv, "--pdeathsig", "KILL", "--"]
