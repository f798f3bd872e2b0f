"""The sample deployment while it runs: all its processes, what was broken, and how to undo that."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from voicedr.adapters.http.sockets import SocketSend
from voicedr.cli.demo.stage import Control
from voicedr.cli.failures import REFUSED, UNKNOWN, WRONG_USE, Stop
from voicedr.cli.sample.breakages import BREAKAGES, Breakage
from voicedr.cli.sample.parts import STORES, Part, plan
from voicedr.cli.sample.process import LOOK_S, Process
from voicedr.ports.http import NoResponse, Request, Send, Timeouts

WELL_S_MAX = 20.0
"""A balancer looks twice, half a second apart; the store votes within a second."""


@dataclass
class Deployment:
    """Everything that was started."""

    processes: dict[str, Process]
    twin: Control
    send: Send
    backend_secret: Path
    broken: dict[str, list[Callable[[], Awaitable[object]]]] = field(default_factory=dict)
    """What undoes each breakage."""

    async def break_(self, name: str) -> float:
        """Do one of ``BREAKAGES``; gives when, in seconds since the epoch.

        Raises:
            Stop: If there is none of that name, or it is done already. Nothing was broken.
        """
        breakage = BREAKAGES.get(name)
        if breakage is None:
            raise Stop(
                f"{name!r} is nothing to break; there are {', '.join(BREAKAGES)}. Nothing was broken.", WRONG_USE
            )
        if name in self.broken:
            raise Stop(f"{name} is broken already; `voicedr sample heal {name}` mends it.", REFUSED)
        kill = (*breakage.kill, *await self._by_role(breakage))
        for part in (*kill, *breakage.hang):
            if (state := self.processes[part].state) != "runs":
                raise Stop(f"{part} {state}, so {name} cannot be tried; heal first. Nothing was broken.", REFUSED)
        at = time.time()
        undo: list[Callable[[], Awaitable[object]]] = [self.processes[part].heal for part in (*kill, *breakage.hang)]
        self.broken[name] = undo
        if breakage.fault:
            begun = await self.twin.ask("POST", "/_twin/faults", breakage.fault)
            undo.append(partial(self.twin.ask, "DELETE", f"/_twin/faults/{begun['id']}"))
        await asyncio.gather(*(self.processes[part].kill() for part in kill))
        for part in breakage.hang:
            self.processes[part].hang()
        return at

    async def heal(self, name: str) -> float:
        """Undo a breakage, and wait until everything says that it is well again; gives when.

        Raises:
            Stop: If it is not broken, or a part does not start again.
        """
        if name not in self.broken:
            now = f"broken now: {', '.join(self.broken)}" if self.broken else "nothing is broken"
            raise Stop(f"{name} is not broken ({now}).", WRONG_USE)
        await _all(undo() for undo in self.broken[name])
        del self.broken[name]
        if not self.broken:
            await self._well()
        return time.time()

    async def heal_all(self) -> float:
        """Undo everything; start parts that ended by themselves, too."""
        for name in list(self.broken):
            await self.heal(name)
        await _all(process.heal() for process in self.processes.values())
        await self._well()
        return time.time()

    async def _well(self) -> None:
        """Every part answers: the balancers have seen their instances, and the store has a leader."""
        until_s = time.monotonic() + WELL_S_MAX
        for process in self.processes.values():
            while not await process.answers():
                if time.monotonic() > until_s:
                    raise Stop(f"{process.part.name} {process.state} and is not well after {WELL_S_MAX:g} s", UNKNOWN)
                await asyncio.sleep(LOOK_S)

    def status(self) -> dict[str, Any]:
        """Every part with its address, process id and state, and what is broken."""
        parts = [
            {
                "name": name,
                "what": process.part.what,
                "url": process.part.url,
                "pid": process.pid,
                "state": process.state,
            }
            for name, process in self.processes.items()
        ]
        return {"parts": parts, "broken": list(self.broken)}

    async def _by_role(self, breakage: Breakage) -> tuple[str, ...]:
        if not breakage.store:
            return ()
        leader = await self._store_leader()
        follower = next(name for name in STORES if name != leader)
        return tuple(leader if role == "leader" else follower for role in breakage.store)

    async def _store_leader(self) -> str:
        for name in STORES:
            url = f"{self.processes[name].part.url}/v3/maintenance/status"
            try:
                answer = await self.send(Request("POST", url, body=b"{}"), Timeouts(1.0, 2.0))
            except NoResponse:
                continue
            if answer.status == 200:
                told = json.loads(answer.body)
                if told.get("leader") == told["header"]["member_id"]:
                    return name
        raise Stop("no node of the store says that it leads; heal the store first. Nothing was broken.", REFUSED)


async def _all(doing: Iterable[Awaitable[object]]) -> None:
    """Do all of it to its end, and then raise the first failure, so that nothing goes on behind our back."""
    for done in await asyncio.gather(*doing, return_exceptions=True):
        if isinstance(done, BaseException):
            raise done


@asynccontextmanager
async def deployed(folder: Path, seed: int) -> AsyncIterator[Deployment]:
    """Start everything, the slowest first; end it all when done, whatever happened.

    Raises:
        Stop: If a program is missing or a part does not start, with what it said.
    """
    planned = plan(folder, seed)
    async with SocketSend() as send:
        processes = {name: Process(part, folder / "logs", send) for name, part in planned.parts.items()}
        twin: Part = planned.parts["twin"]
        try:
            await _all(process.start() for process in processes.values())
            yield Deployment(processes, Control(twin.url, send), send, planned.backend_secret)
        finally:
            await asyncio.gather(*(process.end() for process in processes.values()))
