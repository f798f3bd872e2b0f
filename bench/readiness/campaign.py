"""Whether readiness finds what was seeded, and nothing else: the judge of a reading with a fault in it.

A fault is found if every check that was named before turned red (or dark, where nobody can see any more). Whatever
else fails and is not named beside it, with its reason, is a false gap.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from random import Random

from bench.readiness.account import HealthyAccount
from bench.readiness.estate import BACK, OUT, Direction
from bench.readiness.kind import Kind
from voicedr.program.readiness.check import Outcome
from voicedr.program.readiness.judge import FlowReadiness


@dataclass(frozen=True)
class Verdict:
    """What one reading came to.

    Attributes:
        missed: Checks that were to turn red or dark, and did not.
        false: Checks that failed, and nobody had named them, each with what it said.
        gaps: How many findings failed in all.
    """

    kinds: tuple[str, ...]
    way: Direction
    seed: int
    missed: tuple[str, ...]
    false: tuple[str, ...]
    gaps: int

    @property
    def found(self) -> bool:
        """Whether everything was found."""
        return not self.missed

    def __str__(self) -> str:
        wrong = [*(f"missed {one}" for one in self.missed), *(f"false: {one}" for one in self.false)]
        return f"{' and '.join(self.kinds)} ({self.way}, seed {self.seed}): {'; '.join(wrong) or 'found'}"


@dataclass
class Tally:
    """What many readings came to."""

    readings: int = 0
    faults: int = 0
    missed: list[Verdict] = field(default_factory=list)
    false: int = 0
    gaps: int = 0
    wrong: list[str] = field(default_factory=list)

    def add(self, verdict: Verdict) -> None:
        """Count it, too."""
        self.readings += 1
        self.faults += len(verdict.kinds)
        self.gaps += verdict.gaps
        self.false += len(verdict.false)
        if not verdict.found:
            self.missed.append(verdict)
        if verdict.missed or verdict.false:
            self.wrong.append(str(verdict))


def outcomes(readiness: FlowReadiness) -> dict[str, Outcome | None]:
    """By check."""
    return {one.check: one.outcome for one in readiness.checks}


def seeded(account: HealthyAccount, kinds: Sequence[Kind], seed: int) -> Verdict:
    """Seed these faults in a healthy account, read it, and bring it back."""
    account.heal()
    chance = Random(f"{seed} {account.way} {' '.join(kind.name for kind in kinds)}")
    for kind in kinds:
        kind.seed(account, chance)
    readiness = account.read()
    account.heal()
    return judged(readiness, kinds, account.way, seed)


def can_be_both(first: Kind, second: Kind) -> bool:
    """Whether two kinds can be told apart when both are there: neither names a check of the other."""
    return first is not second and not {*first.red, *first.dark} & {*second.red, *second.dark}


def healthy(account: HealthyAccount) -> Verdict:
    """Read it as it is: every gap is a false one."""
    account.heal()
    return judged(account.read(), (), account.way, 0)


def judged(readiness: FlowReadiness, kinds: Sequence[Kind], way: Direction, seed: int) -> Verdict:
    """One reading against what its faults named."""
    outcome = outcomes(readiness)
    red = {check for kind in kinds for check in kind.red}
    dark = {check for kind in kinds for check in kind.dark}
    beside = {check for kind in kinds for check in kind.besides}
    missed = [f"{check} ({_said(outcome.get(check))})" for check in sorted(red) if outcome.get(check) != Outcome.FAIL]
    missed += [
        f"{check} ({_said(outcome.get(check))})"
        for check in sorted(dark - red)
        if outcome.get(check) not in (Outcome.UNKNOWN, Outcome.FAIL)
    ]
    failed = [one for one in readiness.findings if one.outcome is Outcome.FAIL]
    false = [f"{one.check}: {one.detail}" for one in failed if one.check not in red | beside]
    names = tuple(kind.name for kind in kinds)
    return Verdict(names, way, seed, tuple(missed), tuple(false), len(failed))


def campaign(kinds: Iterable[Kind], seeds: Iterable[int], ways: Sequence[Direction] = (OUT, BACK)) -> Tally:
    """Every kind, in every direction in which it is a fault, with every seed; and each direction healthy."""
    tally = Tally()
    every, numbers = tuple(kinds), tuple(seeds)
    for way in ways:
        account = HealthyAccount(way)
        tally.add(healthy(account))
        for kind in every:
            for seed in numbers if way in kind.ways else ():
                tally.add(seeded(account, (kind,), seed))
    return tally


def _said(outcome: Outcome | None) -> str:
    return "does not apply" if outcome is None else outcome.value
