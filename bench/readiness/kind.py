"""A kind of fault: how it is seeded in the healthy account, and which checks have to say so."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random

from bench.readiness.account import HealthyAccount
from bench.readiness.estate import BACK, OUT, Direction

Seed = Callable[[HealthyAccount, Random], None]


@dataclass(frozen=True)
class Kind:
    """One kind. It is undone by bringing the account back (``HealthyAccount.heal``).

    Attributes:
        name: What is wrong, in a few words with hyphens.
        practice: Which practice it breaks.
        seed: Spoils the account; chance says which number, which Region, which address.
        red: The checks that have to fail: each of them, or the fault counts as missed.
        dark: The checks that have to be unknown: nobody can see whether it is well any more.
        besides: Other checks that may fail from the same cause, each with why. Whatever else fails is a false gap.
        ways: The directions in which it is a fault.
    """

    name: str
    practice: str
    seed: Seed
    red: tuple[str, ...] = ()
    dark: tuple[str, ...] = ()
    besides: Mapping[str, str] = field(default_factory=dict)
    ways: tuple[Direction, ...] = (OUT, BACK)

    def __str__(self) -> str:
        return self.name
