"""The measured table says how many were lost, and until when."""

from __future__ import annotations

from voicedr.cli.sample.breakages import Fate
from voicedr.cli.sample.callers import Caller, Loss
from voicedr.cli.sample.measure import Measured, Tokens
from voicedr.cli.sample.tables import as_json_row, markdown


def loss(region: str, *seen: tuple[float, Fate, float | None]) -> Loss:
    return Loss(region, tuple(Caller("NC1", region, at, fate, wait) for at, fate, wait in seen), ())


def row(us1: Loss, tokens: Tokens) -> str:
    """The last line of the table for something that was broken for 20 s."""
    measured = Measured(("us1-a",), 20.0, {"us1": us1, "ie1": loss("ie1", (1.0, Fate.NOTED, 0.3))}, tokens)
    return markdown([measured]).splitlines()[-1]


def test_nothing_lost() -> None:
    """All of them, and how long they waited."""
    told = row(loss("us1", (1.0, Fate.NOTED, 0.3), (19.0, Fate.NOTED, 0.4)), Tokens(5, 1))
    assert told == "| `us1-a` | 2 of 2 noted | 1 of 1 noted | 0.4 s | 4 of 5 |"


def test_a_loss_that_ends_by_itself() -> None:
    """When the last call came that was lost, and the last that waited."""
    told = row(loss("us1", (1.0, Fate.FALLBACK, 3.2), (2.5, Fate.MESSAGE, 0.3), (19.0, Fate.NOTED, 0.4)), Tokens(5, 0))
    assert "1 of 3 noted; 1 message, 1 fallback (until 2.5 s)" in told
    assert "3.2 s (until 1.0 s)" in told


def test_a_loss_until_it_is_healed() -> None:
    """Lost to the end is said so; silence counts as no wait for words."""
    told = row(loss("us1", (1.0, Fate.NOBODY, None), (21.0, Fate.NOBODY, None)), Tokens(5, 0))
    assert "0 of 2 noted; 2 nobody (until healed) | 1 of 1 noted | 0.3 s |" in told


def test_machines_are_told_the_same() -> None:
    """What was promised and not kept is in the row."""
    us1 = loss("us1", (1.0, Fate.ERROR, 1.0))
    told = as_json_row(Measured(("us1-a",), 20.0, {"us1": us1, "ie1": loss("ie1")}, Tokens(0, 0)))
    assert told["callers"]["us1"]["fates"] == {"error": 1}
    assert told["not_as_promised"] == [
        "us1: NC1, 1.0 s after the break: error",
        "nobody called ie1 meanwhile, so nothing was seen",
        "nobody asked for a token meanwhile, so nothing was seen",
    ]
