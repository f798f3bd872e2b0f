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
        stars_after_s: Seconds of talking after which they press ``*``; it counts where a Dial listens for it. None
            is never.
        ends_recording_with: The key they press after speaking at a Record; it counts where it is one that finishes.
        name: What a caller-ID look-up finds; a number says it to its webhooks if its look-up is on.
        forwarded_from: The number that forwarded the call, if a carrier says so.
    """

    presses: tuple[str, ...] = ()
    hangs_up_after_s: float = 30.0
    speaks_s: float = 3.0
    barges_in: bool = False
    stars_after_s: float | None = None
    ends_recording_with: str = ""
    name: str = ""
    forwarded_from: str = ""
