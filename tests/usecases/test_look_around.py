"""Looking at many things: each within its time, all within one, and nothing is left out of the answer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from voicedr.program.readiness.acting import Look, Stands
from voicedr.usecases.look_around import Probe, look_around

Say = Callable[[Look], None]


async def _quick(say: Say) -> None:
    say(Look("quick", Stands.OK, "there"))


async def _half(say: Say) -> None:
    say(Look("first", Stands.NOT, "no", "do this"))
    await asyncio.sleep(60)


async def _broken(_say: Say) -> None:
    raise RuntimeError("https://user:password@host/")


async def _silent(_say: Say) -> None:
    pass


def test_what_is_late_fails_or_says_nothing_is_unknown_and_the_rest_is_said() -> None:
    """In the order of the probes; what failed is named by its kind, for its words may hold a secret."""
    began = time.monotonic()
    looks = asyncio.run(
        look_around(
            [
                Probe(("first", "second"), 0.05, _half),
                Probe(("quick",), 1.0, _quick),
                Probe(("broken",), 1.0, _broken, needed=False),
                Probe(("silent",), 1.0, _silent),
            ]
        )
    )
    assert [(look.about, look.stands, look.needed) for look in looks] == [
        ("first", Stands.NOT, True),
        ("second", Stands.UNKNOWN, True),
        ("quick", Stands.OK, True),
        ("broken", Stands.UNKNOWN, False),
        ("silent", Stands.UNKNOWN, True),
    ]
    assert looks[1].said == "not known within 0.05 s"
    assert looks[3].said == "looking failed (RuntimeError)"
    assert time.monotonic() - began < 5


def test_all_of_it_ends_in_time_whatever_the_probes_allow_themselves() -> None:
    """What was said before the end counts."""
    looks = asyncio.run(look_around([Probe(("first", "second"), 60.0, _half), Probe(("quick",), 60.0, _quick)], 0.05))
    assert [look.stands for look in looks] == [Stands.NOT, Stands.UNKNOWN, Stands.OK]
    assert looks[1].said == "not known within 0.05 s in all"
    assert asyncio.run(look_around([])) == ()
