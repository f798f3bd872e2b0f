"""Background traffic: how many calls a second arrive, at which numbers, from whom."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from voicedr.twin.calls.caller import Caller


@dataclass(frozen=True, slots=True)
class Load:
    """Calls that arrive at random (Poisson) at a mean rate.

    Attributes:
        numbers: The numbers dialled, each as likely as the other.
        duration_s: How long calls are placed; None is until stopped.
        from_prefix: What callers' numbers begin with; the rest, up to 11 digits, is drawn.
    """

    calls_per_second: float
    numbers: tuple[str, ...]
    duration_s: float | None = None
    caller: Caller = field(default_factory=Caller)
    from_prefix: str = "+1646555"

    def __post_init__(self) -> None:
        """Refuse a load that could place no call or never let go of the processor.

        Raises:
            ValueError: If the rate is not a number above 0 and at most 10,000, or no number is given.
        """
        if not 0 < self.calls_per_second <= 10_000:
            raise ValueError(
                f"a load of {self.calls_per_second} calls per second: it must be above 0 and at most 10,000."
            )
        if not self.numbers:
            raise ValueError("a load without numbers: nothing would be dialled. Name at least one number.")

    def gap_s(self, chance: float) -> float:
        """Seconds from one call to the next, for a chance in [0, 1)."""
        return -math.log(1.0 - chance) / self.calls_per_second

    def number(self, chance: float) -> str:
        """The number dialled, for a chance in [0, 1)."""
        return self.numbers[int(chance * len(self.numbers))]

    def caller_number(self, chance: float) -> str:
        """The number that calls, for a chance in [0, 1)."""
        digits = max(0, 12 - len(self.from_prefix))
        return self.from_prefix + (str(int(chance * 10**digits)).zfill(digits) if digits else "")
