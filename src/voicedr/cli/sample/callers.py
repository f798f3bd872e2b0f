"""What became of callers, out of the twin's call log: a fate for each, and whether a promise was kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from voicedr.cli.sample.breakages import Fate, Promise
from voicedr.runtime.sample_deployment.account import NUMBERS
from voicedr.runtime.sample_deployment.lines import FALLBACK_SAYS, GREETING, LEAVE_A_MESSAGE, NOTED

_REGION_OF = {e164: region for region, numbers in NUMBERS.items() for e164 in numbers}

ORDINARY_S_MAX = 1.5
"""A longer wait for words than any on an ordinary day, on a busy machine too."""


@dataclass(frozen=True)
class Caller:
    """One call.

    Attributes:
        region: The Region of its number on an ordinary day.
        after_s: When it was dialled, from the break.
        wait_s: The longest time without a word, from dialling to the last ones; None: it heard none.
    """

    id: str
    region: str
    after_s: float
    fate: Fate
    wait_s: float | None


def caller_of(call: Mapping[str, Any], broken_at: float) -> Caller:
    """A call of the log. One that is not over, or is like none we know, is CUT and never NOTED."""
    return Caller(
        call["id"],
        _REGION_OF.get(call["to"], "none"),
        call["dialled_at"] - broken_at,
        _fate(call),
        _wait_s(call["heard"]),
    )


def _wait_s(heard: Sequence[Mapping[str, Any]]) -> float | None:
    words = [at for at, one in enumerate(heard) if one["what"] in ("say", "error-message")]
    if not words:
        return None
    return max((one["for_s"] for one in heard[: words[-1]] if one["what"] in ("ringing", "silence")), default=0.0)


def _fate(call: Mapping[str, Any]) -> Fate:
    said = " ".join(heard["detail"] for heard in call["heard"] if heard["what"] == "say")
    if any(heard["what"] == "error-message" for heard in call["heard"]):
        return Fate.ERROR
    if FALLBACK_SAYS in said:
        return Fate.FALLBACK
    if LEAVE_A_MESSAGE in said:
        return Fate.MESSAGE
    if GREETING in said:
        return Fate.NOTED if f"{NOTED} " in said else Fate.CUT
    return Fate.NOBODY


@dataclass(frozen=True)
class Loss:
    """What callers of one Region met from the break until it was healed, and after."""

    region: str
    meanwhile: tuple[Caller, ...]
    afterwards: tuple[Caller, ...]

    def counts(self) -> Mapping[Fate, int]:
        """Calls by fate, until it was healed."""
        return Counter(one.fate for one in self.meanwhile)

    def last_s(self) -> float | None:
        """When the last call came that was not noted, from the break; None: none was."""
        return max((one.after_s for one in self.meanwhile if one.fate is not Fate.NOTED), default=None)

    def wait_s_max(self) -> float:
        """The longest time without a word, of those who heard any."""
        return max((one.wait_s for one in self.meanwhile if one.wait_s is not None), default=0.0)

    def slow_until_s(self) -> float | None:
        """When the last call came that waited longer than on an ordinary day; None: none did."""
        slow = (one.after_s for one in self.meanwhile if one.wait_s is not None and one.wait_s > ORDINARY_S_MAX)
        return max(slow, default=None)

    def broken_promises(self, promise: Promise) -> list[str]:
        """What is not as promised, each in words; empty: all is."""
        found = []
        if not self.meanwhile:
            found.append(f"nobody called {self.region} meanwhile, so nothing was seen")
        for one in self.meanwhile:
            late = promise.for_s_max is not None and one.after_s > promise.for_s_max
            if one.fate is not Fate.NOTED and (one.fate not in promise.may or late):
                found.append(f"{self.region}: {one.id}, {one.after_s:.1f} s after the break: {one.fate}")
            elif one.wait_s is not None and one.wait_s > promise.wait_s_max:
                found.append(f"{self.region}: {one.id} waited {one.wait_s:.1f} s for words")
        found += [
            f"{self.region}: {fate} was promised and nobody met it"
            for fate in promise.certainly
            if not self.counts().get(fate)
        ]
        found += [
            f"{self.region}: {one.id}, after it was healed: {one.fate}"
            for one in self.afterwards
            if one.fate is not Fate.NOTED
        ]
        return found


def losses(calls: Iterable[Mapping[str, Any]], broken_at: float, healed_at: float, settled_s: float) -> dict[str, Loss]:
    """What callers met, by the Region of the number they called.

    Args:
        calls: Those in progress at the break, and all that came later.
        broken_at: Seconds since the epoch.
        healed_at: When all parts ran again.
        settled_s: How long after that the deployment may still be finding itself; such calls count for neither.
    """
    seen: dict[str, tuple[list[Caller], list[Caller]]] = {region: ([], []) for region in NUMBERS}
    for call in calls:
        one = caller_of(call, broken_at)
        over_at = call["ended_at"]
        if one.region not in seen or (over_at is not None and over_at < broken_at):
            continue
        if call["dialled_at"] <= healed_at:
            seen[one.region][0].append(one)
        elif call["dialled_at"] > healed_at + settled_s:
            seen[one.region][1].append(one)
    return {region: Loss(region, tuple(during), tuple(after)) for region, (during, after) in seen.items()}
