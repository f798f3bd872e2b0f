"""Looks at many things at once, each within its own time, all within one. What is late is not known, and says so."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from voicedr.program.readiness.acting import Look, Stands

TOTAL_S_MAX = 14.0
"""Whoever asks in an outage waits no longer than 15 s; starting the program takes one."""


@dataclass(frozen=True)
class Probe:
    """Something that is looked at.

    Attributes:
        abouts: What it will say something about.
        seconds: How long it may take.
        work: Does it; says each line as soon as it is known.
        needed: Whether nobody can act without it.
    """

    abouts: tuple[str, ...]
    seconds: float
    work: Callable[[Callable[[Look], None]], Awaitable[None]]
    needed: bool = True


async def look_around(probes: Sequence[Probe], total_s: float = TOTAL_S_MAX) -> tuple[Look, ...]:
    """Every line of every probe, in their order. A probe that fails or is late leaves its lines unknown."""
    found: list[list[Look]] = [[] for _ in probes]
    tasks = [asyncio.ensure_future(_probe(probe, said.append)) for probe, said in zip(probes, found, strict=True)]
    try:
        _, late = await asyncio.wait(tasks, timeout=total_s) if tasks else (set(), set())
    finally:
        for task in tasks:
            task.cancel()
    for probe, said, task in zip(probes, found, tasks, strict=True):
        if task in late:
            _fill(probe, said, f"not known within {total_s:g} s in all")
    return tuple(look for said in found for look in said)


async def _probe(probe: Probe, say: Callable[[Look], None]) -> None:
    said: list[Look] = []

    def both(look: Look) -> None:
        said.append(look)
        say(look)

    try:
        await asyncio.wait_for(probe.work(both), probe.seconds)
        why = "nothing was said about it"
    except TimeoutError:
        why = f"not known within {probe.seconds:g} s"
    except Exception as exc:
        # Whatever goes wrong while looking, the other lines are still worth having. Only its kind is told: its words
        # may hold an address with a password.
        why = f"looking failed ({type(exc).__name__})"
    _fill(probe, said, why, say)


def _fill(probe: Probe, said: list[Look], why: str, say: Callable[[Look], None] | None = None) -> None:
    there = {look.about for look in said}
    for about in probe.abouts:
        if about not in there:
            (say or said.append)(Look(about, Stands.UNKNOWN, why, "Ask again; look at the network", probe.needed))
