"""Does a place keep its word: of several who write at once on the same state, exactly one wins.

A place that does not, a web server that ignores ``If-Match``, say, looks well until two people switch at the same
moment and each is told that it worked. So before the first switch through a place it is raced, on a scratch key beside
the document: every racer has read the same state, they start together, and round by round exactly one must win, and
what is there afterwards must be the winner's.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from voicedr.runtime.region.places.place import Found, PlaceError, PlaceUnsettled, Sink

RACERS = 8
ROUNDS = 5
"""A place that lets one in two pairs through passes forty meetings once in a thousand billion times."""

BARRIER_S_MAX = 10.0

_proven: set[str] = set()
_proven_lock = threading.Lock()


class SinkBroken(Exception):
    """The place does not compare before it sets: two switches at once could both win. Nothing was switched."""


@dataclass
class _Round:
    winners: list[int] = field(default_factory=list)
    errors: list[PlaceError] = field(default_factory=list)


def prove(make: Callable[[], Sink], key: str, name: str) -> None:
    """Race a place, unless this process has done so already and it kept its word.

    Args:
        make: Gives a new sink on the document's own place, for one racer.
        key: What the result is remembered by: the whole address.
        name: A name for the scratch key that nobody else uses.

    Raises:
        SinkBroken: If it does not keep its word.
        PlaceError: If that could not be found out.
    """
    with _proven_lock:
        if key in _proven:
            return
    race(make, name)
    with _proven_lock:
        _proven.add(key)


def race(make: Callable[[], Sink], name: str, *, racers: int = RACERS, rounds: int = ROUNDS) -> None:
    """Race a place on a scratch key, which is taken away again.

    Raises:
        SinkBroken: If a round had no winner, several, or left something else than the winner wrote.
        PlaceError: If a racer could not ask: then nobody knows.
    """
    sinks = [make().scratch(name) for _ in range(racers)]
    try:
        for number in range(rounds):
            _one(sinks, number)
        sinks[0].remove()
    except PlaceUnsettled as exc:
        raise PlaceUnsettled(f"{exc}. It was the racing self-test: the document was not touched.") from exc
    finally:
        for sink in sinks:
            sink.close()


def _one(sinks: list[Sink], number: int) -> None:
    was = [sink.read(latest=True) for sink in sinks]
    told = _Round()
    start = threading.Barrier(len(sinks))
    threads = [
        threading.Thread(target=_run, args=(sink, _content(number, racer), was[racer], racer, start, told), daemon=True)
        for racer, sink in enumerate(sinks)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(BARRIER_S_MAX)
    if told.errors:
        raise told.errors[0]
    if any(thread.is_alive() for thread in threads):
        raise PlaceError(f"{sinks[0].name}: a write of the racing self-test has no end; the document was not touched")
    where = f"{sinks[0].name}, round {number + 1}: of {len(sinks)} who wrote at once on the same state"
    if len(told.winners) != 1:
        raise SinkBroken(
            f"{where} {len(told.winners)} were told that they won; exactly one must. It does not compare before it"
            " sets, so two switches could both seem to work. Nothing was switched: name another place."
        )
    left = sinks[0].read(latest=True).content
    if left != _content(number, told.winners[0]):
        raise SinkBroken(
            f"{where} one was told that it won, and something else is there now. Nothing was switched: name another"
            " place, or ask it without what stands between (a cache, a replica)."
        )


def _run(sink: Sink, content: bytes, was: Found, racer: int, start: threading.Barrier, told: _Round) -> None:
    try:
        start.wait(BARRIER_S_MAX)
        if sink.write(content, was):
            told.winners.append(racer)
    except PlaceError as exc:
        told.errors.append(exc)
    except threading.BrokenBarrierError:
        told.errors.append(PlaceError(f"{sink.name}: the racers did not meet; nothing is known of it"))


def _content(number: int, racer: int) -> bytes:
    return f'{{"selftest": {number}, "racer": {racer}}}\n'.encode()
