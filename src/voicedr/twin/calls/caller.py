"""The person who places a call, and what they do while it lasts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Caller:
    """What a caller does. Every field has a bound, so every call ends.

    Attributes:
        presses: What is keyed at the first Gather, the second, and so on. ``""`` is: nothing this time. Anything
            that is not made of ``0-9*#`` is said instead of keyed, and counts where the Gather listens for speech.
        hangs_up_after_s: Seconds from dialling to hanging up, whatever is heard by then.
        speaks_s: Seconds of speech at a Record.
        barges_in: Whether keys are pressed while the prompt still plays, as those do who know the menu.
    """

    presses: tuple[str, ...] = ()
    hangs_up_after_s: float = 30.0
    speaks_s: float = 3.0
    barges_in: bool = False
